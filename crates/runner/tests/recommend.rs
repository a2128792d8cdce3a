//! A recommendation from the command line: on a table, a function, images; wrong words; interrupted and gone on with.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, wait_for};

/// A table of a number that depends on three others.
fn table(rows: usize) -> String {
    let noise = |i: usize, k: usize| ((i * 7919 + k * 104_729) % 1000) as f64 / 1000.0 - 0.5;
    let row = |i: usize| {
        let (a, b, c) = (noise(i, 1), noise(i, 2), noise(i, 3));
        format!("{a},{b},{c},{}\n", 3.0 * a - b * b + 0.5 * a * c + 0.1 * noise(i, 4))
    };
    format!("a,b,c,price\n{}", (0..rows).map(row).collect::<String>())
}

#[test]
fn a_table_is_enough() {
    let place = Place::new();
    place.write("mine.csv", table(200));
    let words = "recommend --data mine.csv --target price --model mlp:8 --epochs 3 --trials 120";
    let said = place.run(words);
    said.expect(
        0,
        &["learning rate", "expect", "seeds that chose nothing", "R2", "adam at its default", "spent", "--trials 120"],
    );
    said.expect(0, &["use downhill::", "use downhill_burn::", "study.toml", "report.html"]);
    // The answer is in the files, and the study in the folder makes its numbers again, to the byte.
    let dir = "results/recommend/mlp-mine.csv";
    let before = place.tables(dir);
    assert!(place.read(&format!("{dir}/README.md")).contains("The final of downhill recommend"));
    place.run(&format!("sweep {dir}/study.toml --out again --quiet")).expect(0, &[]);
    assert_eq!(place.tables("again"), before);
    // The same again costs nothing, and says the same; so do other numbers of threads.
    let keys = place.keys(dir);
    let without_time = |text: &str| {
        text.lines().filter(|l| !l.contains("spent") && !l.contains("more  ")).collect::<Vec<_>>().join("\n")
    };
    let again = place.run(words);
    assert_eq!(without_time(&again.out), without_time(&said.out));
    assert_eq!(place.keys(dir), keys);
    let alone = place.run(&format!("{words} --jobs 1 --out alone"));
    assert_eq!(without_time(&alone.out).replace("alone", dir), without_time(&said.out));
}

#[test]
fn functions_names_and_a_choice_of_optimizers() {
    let place = Place::new();
    let said = place.run("recommend -p rosenbrock --steps 200 --trials 100 --optimizers adam,sgd --schedules constant");
    said.expect(0, &["rosenbrock", "learning rate"]);
    assert!(!said.out.contains("cosine"), "{}", said.out);
    place.run("recommend --data iris --model softmax --epochs 2 --trials 60").expect(0, &["softmax/iris", "accuracy"]);
}

#[test]
fn what_is_wrong_is_named_before_anything_runs() {
    let place = Place::new();
    place.write("mine.csv", table(50));
    place.write("empty/notes.md", "");
    for (words, said) in [
        ("recommend", &["--data"][..]),
        ("recommend --data nothing.csv", &["nothing.csv"]),
        ("recommend --data mine.csv --target prize", &["`prize`", "`price`"]),
        ("recommend --data iris --target species", &["--target species", "iris has one target"]),
        ("recommend --data mine.csv --model mpl:3", &["--model mpl:3", "mlp:64,32"]),
        ("recommend --data mine.csv --model mlp:0", &["--model mlp:0"]),
        ("recommend --data mine.csv --model softmax", &["classes", "numbers"]),
        ("recommend --data mine.csv --optimizers adamm", &["unknown optimizer `adamm`", "did you mean `adam`"]),
        ("recommend --data mine.csv --optimizers l-bfgs", &["l-bfgs", "order = \"full\""]),
        ("recommend --data mine.csv --trials 5", &["5 trials are too few", "--trials"]),
        ("recommend --data mine.csv --batch 32", &["`batch` is 32", "1 to 30"]),
        ("recommend --data mine.csv --budget soon", &["--budget", "90s"]),
        ("recommend --data mine.csv --budget 1m --trials 9", &["--trials"]),
        ("recommend --data empty", &["`empty`", "nothing to read", ".csv", "images-idx3-ubyte"]),
        ("recommend --data . --target price", &["--target price", "one target"]),
    ] {
        place.run(words).expect(2, said);
        assert!(!place.path("results").exists(), "{words}");
    }
}

/// A race that is killed goes on where it was, and ends as one that was not.
#[cfg(unix)]
#[test]
fn an_interrupt_gives_an_answer_and_loses_nothing() {
    let place = Place::new();
    place.write("mine.csv", table(400));
    let words = "recommend --data mine.csv --model mlp:16 --epochs 30 --trials 90 --quiet --jobs 1";
    let child = place.command(&format!("{words} --out cut")).stdout(std::process::Stdio::piped()).spawn().unwrap();
    wait_for(|| place.keys("cut").len() > 12);
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(
        text.contains("learning rate") && text.contains("which flatters") && text.contains("interrupted"),
        "{text}"
    );
    let before = place.keys("cut");
    let (whole, rest) = (place.run(&format!("{words} --out whole")), place.run(&format!("{words} --out cut")));
    rest.expect(0, &["seeds that chose nothing"]);
    assert_eq!(place.tables("cut"), place.tables("whole"));
    assert_eq!(place.keys("cut")[..before.len()], before[..]);
    let first = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
    assert_eq!(first(&rest.out), first(&whole.out));
}
