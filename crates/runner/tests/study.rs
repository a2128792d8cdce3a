//! The grammar of a study: axes, ranges, precedence, and messages that name the line.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill::{Need, Registry, Schedule};
use downhill_problems::{Families, Order};
use runner::rows::optimizer_label;
use runner::{Budget, Lab, Study, Trial};

fn lab() -> Lab {
    Lab::new(Registry::builtin(), Families::builtin())
}

fn trials(text: &str) -> Vec<Trial> {
    match Study::parse("test".into(), text.into(), &lab()) {
        Ok(study) => study.trials().to_vec(),
        Err(fault) => panic!("line {}: {}\n{text}", fault.line, fault.text),
    }
}

/// The line and the text of what is wrong.
fn fault(text: &str) -> (usize, String) {
    let fault = Study::parse("test".into(), text.into(), &lab()).unwrap_err();
    (fault.line, fault.text)
}

/// A study of one function and one optimizer, with those lines before them; its trials.
fn with(lines: &str) -> String {
    format!("{lines}\n[[optimizer]]\nname = \"adam\"\n[[problem]]\nname = \"sphere\"\n")
}

fn rates(lr: &str) -> Vec<f64> {
    trials(&with(&format!("steps = 5\nlr = {lr}"))).iter().map(|t| t.lr).collect()
}

#[test]
fn learning_rates() {
    assert_eq!(rates("0.1"), [0.1]);
    assert_eq!(rates("[0.1, 1]"), [0.1, 1.0]);
    assert_eq!(rates("{ values = [0.5, 0.25] }"), [0.5, 0.25]);
    assert_eq!(rates("{ log = [1e-3, 0.1], per_decade = 2 }"), [1e-3, 3.16e-3, 1e-2, 3.16e-2, 1e-1]);
    assert_eq!(rates("{ log = [1, 8], count = 4 }"), [1.0, 2.0, 4.0, 8.0]);
    assert_eq!(rates("{ linear = [0.1, 0.3], count = 3 }"), [0.1, 0.2, 0.3]);
    // Adam's default is 1e-3.
    assert_eq!(rates("{ relative = [0.1, 1, 10] }"), [1e-4, 1e-3, 1e-2]);
    assert_eq!(rates("{ around = 5, per_decade = 2 }"), [1e-4, 3.16e-4, 1e-3, 3.16e-3, 1e-2]);
}

#[test]
fn half_decades_meet_wherever_they_start() {
    assert_eq!(rates("{ log = [3.16e-4, 3.16e-2], per_decade = 2 }"), [3.16e-4, 1e-3, 3.16e-3, 1e-2, 3.16e-2]);
    assert_eq!(rates("{ log = [1e-1, 3.16], per_decade = 2 }"), [0.1, 0.316, 1.0, 3.16]);
    assert_eq!(rates("{ log = [0.02, 2.5], per_decade = 1 }"), [0.02, 0.2, 2.0]);
}

#[test]
fn without_rates_the_grid_of_the_facts() {
    let study = |name: &str| format!("steps = 5\n[[optimizer]]\nname = \"{name}\"\n[[problem]]\nname = \"sphere\"\n");
    // Methods that ask for what a sphere has not are refused.
    let anywhere = |e: &&downhill::Entry| {
        !e.facts.needs.iter().any(|n| matches!(n, Need::Summands | Need::ModelLabels | Need::Matrices))
    };
    for entry in Registry::builtin().entries().iter().filter(anywhere) {
        let rates: Vec<f64> = trials(&study(entry.facts.name)).iter().map(|t| t.lr).collect();
        assert_eq!((rates[0], rates[rates.len() - 1]), entry.facts.grid, "{}", entry.facts.name);
    }
}

#[test]
fn any_array_is_an_axis_and_the_seed_varies_fastest() {
    let text = r#"
        seeds = 2
        steps = [5, 10]
        lr = 0.1
        [[optimizer]]
        name = ["adam", "adamw"]
        beta2 = { values = [0.9, 0.99, 0.999] }
        [[problem]]
        name = "sphere"
        dim = [2, 3]
        penalty = { l2 = [0.0, 1e-3] }
    "#;
    let trials = trials(text);
    assert_eq!(trials.len(), 2 * 2 * (2 * 3) * (2 * 2));
    assert_eq!((trials[0].seed, trials[1].seed), (0, 1));
    assert_eq!((trials[0].budget, trials[2].budget), (Budget::Steps(5), Budget::Steps(10)));
    assert_eq!((&trials[4].optimizer["beta2"], &trials[4].optimizer["name"]), (&0.99.into(), &"adam".into()));
    assert_eq!(trials[24].problem["penalty"]["l2"], 1e-3);
    assert_eq!(trials[95].problem["dim"], 3);
}

#[test]
fn noise_goes_around_any_problem() {
    let text = r#"
        steps = 5
        lr = 0.1
        [[optimizer]]
        name = "sgd"
        [[problem]]
        name = "beale"
        gradient_noise = { scale = [0.1, 1.0], law = ["student", "pareto"], index = 1.2 }
    "#;
    let trials = trials(text);
    let noise: Vec<_> = trials.iter().map(|t| &t.problem["gradient_noise"]).collect();
    assert_eq!((noise.len(), &noise[0]["law"], &noise[3]["law"]), (4, &"student".into(), &"pareto".into()));
    assert_eq!((&noise[3]["scale"], &noise[3]["index"], &noise[3]["jitter"]), (&1.0.into(), &1.2.into(), &0.0.into()));
}

#[test]
fn an_inner_array_is_a_vector() {
    let study = |hidden: &str| {
        let text =
            format!("epochs = 1\nlr = 0.1\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"mlp\"\n{hidden}");
        trials(&text).iter().map(|t| t.problem["hidden"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(study("hidden = [[64, 32]]"), ["[64,32]"]);
    assert_eq!(study("hidden = [[16], [8, 8], []]"), ["[16]", "[8,8]", "[]"]);
}

#[test]
fn wrappers_and_groups_are_lists() {
    let text = |wrap: &str| {
        format!("steps = 5\nlr = 0.1\n[[optimizer]]\nname = \"adam\"\n{wrap}\n[[problem]]\nname = \"sphere\"\n")
    };
    let clip = "{ name = \"clip-global\", norm = 1.0 }";
    assert_eq!(trials(&text(&format!("wrap = [{clip}, {{ name = \"decay\", lambda = 0.1 }}]"))).len(), 1);
    let two = trials(&text(&format!("wrap = [[], [{clip}]]")));
    assert_eq!((two[0].optimizer.get("wrap"), &two[1].optimizer["wrap"][0]["norm"]), (None, &1.0.into()));
}

#[test]
fn the_most_specific_setting_wins() {
    let text = r#"
        steps = 5
        lr = 1.0
        schedule = "cosine"
        [[optimizer]]
        name = "sgd"
        [[optimizer]]
        name = "adam"
        lr = 3.0
        schedule = ["constant", { name = "linear", end = 0.1 }]
        [[problem]]
        name = "sphere"
        lr = 2.0
        steps = 6
        [[problem]]
        name = "booth"
    "#;
    let seen: Vec<_> =
        trials(text).iter().map(|t| (t.lr, t.budget, t.schedule == Schedule::Cosine { end: 0.0 })).collect();
    let (short, long) = (Budget::Steps(5), Budget::Steps(6));
    assert_eq!(
        seen,
        [
            (2.0, long, true),
            (3.0, long, false),
            (3.0, long, false),
            (1.0, short, true),
            (3.0, short, false),
            (3.0, short, false)
        ]
    );
}

#[test]
fn epochs_where_there_are_examples_steps_elsewhere() {
    let text = r#"
        epochs = [2, 3]
        steps = [10, 20, 30]
        horizon = 9
        batch = [8, 16]
        order = ["shuffled", "full"]
        lr = 0.1
        [[optimizer]]
        name = "sgd"
        [[problem]]
        name = "sphere"
        [[problem]]
        name = "softmax"
        data = "iris"
    "#;
    let trials = trials(text);
    let (plain, data) = trials.split_at(3);
    assert!(plain.iter().all(|t| matches!(t.budget, Budget::Steps(_)) && t.horizon == Some(Budget::Steps(9))));
    // 2 budgets; batches of 8, of 16, and of all.
    assert_eq!(data.len(), 2 * 3);
    assert!(data.iter().all(|t| matches!(t.budget, Budget::Epochs(_)) && t.data.is_some()));
    assert_eq!(data.iter().filter(|t| t.sampling.order == Order::Full).count(), 2);
}

#[test]
fn seeds_and_fixed_streams() {
    let seeds = |lines: &str| {
        trials(&with(&format!("steps = 5\nlr = 0.1\n{lines}"))).iter().map(|t| t.seed).collect::<Vec<_>>()
    };
    assert_eq!(seeds("seeds = 3"), [0, 1, 2]);
    assert_eq!(seeds("seeds = [7, 3]"), [7, 3]);
    assert_eq!(trials(&with("steps = 5\nlr = 0.1\nfixed = [\"split\", \"start\"]"))[0].fixed.len(), 2);
}

#[test]
fn faults_name_line_key_found_and_allowed() {
    let cases = [
        ("steps = 5\nlr = []", 2, &["`lr`", "empty axis"][..]),
        ("steps = []", 1, &["`steps`", "empty axis"]),
        ("steps = 5\nseeds = 0", 2, &["`seeds` is 0", "from 1 to 1000000"]),
        ("steps = 5\nseeds = 1000000000000", 2, &["`seeds` is 1000000000000", "from 1 to 1000000"]),
        ("steps = 5\npoints = 1000000", 2, &["`points` is 1000000", "1 to 100000"]),
        (
            "steps = 5\nlr = { log = [1e-9, 1.0], per_decade = 1e9 }",
            2,
            &["`lr` has 9000000000 values", "at most 10000"],
        ),
        ("steps = 5\nbatch = { linear = [1, 2], count = 4294967295 }", 2, &["`batch` has 4294967295 values"]),
        (
            "steps = { linear = [1, 200], count = 200 }\npoints = { linear = [1, 200], count = 200 }",
            2,
            &["`steps`, `points`: 40000 combinations", "at most 10000"],
        ),
        ("steps = 5\nseeds = -1", 2, &["`seeds` is -1"]),
        ("steps = 0", 1, &["`steps` is 0", "a whole number >= 1"]),
        ("steps = 5\nepochs = 0", 2, &["`epochs` is 0", "a whole number >= 1"]),
        ("steps = 5\n\nbatch = 0", 3, &["`batch` is 0", "a whole number >= 1"]),
        ("steps = 5\nbatch = \"many\"", 2, &["`batch` is \"many\"", "a whole number"]),
        ("steps = 5\nlr = -0.1", 2, &["`lr` is -0.1", "> 0"]),
        ("steps = 5\nlr = [0.1, 0]", 2, &["`lr` is 0", "> 0"]),
        ("steps = 5\nlr = \"big\"", 2, &["`lr` is \"big\"", "> 0"]),
        ("steps = 5\nlr = inf", 2, &["inf", "finite"]),
        ("steps = 5\nlr = [0.1, 0.1]", 2, &["`lr`", "0.1", "twice"]),
        (
            "steps = 5\nlr = { log = [1, 1e-3], per_decade = 2 }",
            2,
            &["`lr` is {\"log\":[1,0.001]", "a range is", "per_decade = 2"],
        ),
        ("steps = 5\nlr = { log = [1e-3, 1] }", 2, &["`lr`", "per_decade"]),
        ("steps = 5\nlr = { log = [1e-3, 1], per_decde = 2 }", 2, &["per_decde", "a range is", "per_decade = 2"]),
        ("steps = 5\nlr = { around = 4, per_decade = 2 }", 2, &["\"around\":4", "odd number"]),
        ("steps = 5\nlr = { relative = [] }", 2, &["`lr`", "a range is"]),
        ("steps = 5\nlr = { relative = [0] }", 2, &["`lr` is 0", "> 0"]),
        ("steps = 5\nbatch = { around = 3, per_decade = 1 }", 2, &["`batch`", "a range is"]),
        ("steps = { linear = [1, 2], count = 4 }", 1, &["`steps` is 1.333", "a whole number >= 1"]),
        ("steps = 5\nprecision = \"f16\"", 2, &["`precision` is \"f16\"", "`f32`, `f64`"]),
        ("steps = 5\norder = \"random\"", 2, &["`order` is \"random\"", "`replacement`"]),
        ("steps = 5\nschedule = \"cosinus\"", 2, &["cosinus", "`cosine`"]),
        ("steps = 5\nfixed = [\"weights\"]", 2, &["weights", "`split`"]),
        ("step = 5", 1, &["unknown key `step`", "did you mean `steps`", "epochs"]),
        ("steps = 5\nquestion = 7", 2, &["`question`", "7"]),
        ("steps = 5\ncompare = \"bta2\"", 2, &["`bta2`", "beta2"]),
        ("steps = 5\nmeasure = [\"step\", \"speed\"]", 2, &["`speed`", "test_loss"]),
        ("steps = 5\ncurves = \"best\"", 2, &["`curves`", "`best`", "all, chosen"]),
        ("steps = 5\nlr = 2026-01-01", 2, &["date"]),
        ("steps = 5\nlr = = 3", 2, &[]),
        ("epochs = 5", 4, &["sphere", "no epochs", "`steps`"]),
    ];
    for (lines, line, words) in cases {
        let (at, text) = fault(&with(lines));
        assert_eq!(at, line, "{lines}: {text}");
        words.iter().for_each(|word| assert!(text.contains(word), "{lines}: `{text}` lacks `{word}`"));
    }
}

#[test]
fn faults_in_tables_name_the_key_that_is_to_blame() {
    let optimizer =
        |lines: &str| format!("steps = 5\nlr = 0.1\n[[problem]]\nname = \"sphere\"\n[[optimizer]]\n{lines}\n");
    let problem = |lines: &str| format!("epochs = 5\nlr = 0.1\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\n{lines}\n");
    let cases = [
        (optimizer("name = \"adamm\""), 6, &["unknown optimizer `adamm`", "did you mean `adam`", "adagrad"][..]),
        (optimizer("beta1 = 0.9\nname = \"adam\"\nbeta3 = 0.9"), 8, &["unknown field `beta3`", "`beta1`, `beta2`"]),
        (optimizer("name = \"adam\"\nbeta1 = 0.9\nbeta2 = [0.9, 1.0]"), 8, &["`beta2` is 1", "0 <= value < 1"]),
        (optimizer("name = \"adam\"\nwrap = [{ name = \"clip\" }]"), 7, &["unknown wrapper `clip`", "clip-global"]),
        (optimizer("beta1 = 0.9"), 5, &["`name` is missing"]),
        (problem("name = \"mpl\""), 6, &["unknown problem `mpl`", "did you mean `mlp`"]),
        (problem("name = \"mlp\"\nwidth = 3"), 7, &["unknown field `width`", "`hidden`"]),
        (problem("name = \"mlp\"\nhidden = [64, 32]"), 7, &["expected a sequence", "`[[2, 3]]`"]),
        (problem("name = \"mlp\"\nhidden = []"), 7, &["`hidden`", "empty axis", "`[[]]`"]),
        (problem("name = \"mlp\"\ndropout = 1"), 7, &["`dropout` is 1", "0 <= value < 1"]),
        (problem("name = \"mlp\"\npenalty = { l2 = -1 }"), 7, &["`penalty.l2` is -1", ">= 0"]),
        (problem("name = \"mlp\"\ndata = \"digit\""), 7, &["unknown data set `digit`", "did you mean `digits`"]),
        (problem("name = \"mlp\"\n\ndata = \"no/such.csv\""), 8, &["no/such.csv"]),
        (problem("name = \"softmax\"\nbatch = 4000"), 7, &["`batch` is 4000", "1078 training examples"]),
        (problem("name = \"softmax\"\nepochs = 0"), 7, &["`epochs` is 0"]),
        (problem("name = \"linear\"\ndata = \"digits\""), 7, &["linear"]),
    ];
    for (text, line, words) in cases {
        let (at, fault) = fault(&text);
        assert_eq!(at, line, "{text}: {fault}");
        words.iter().for_each(|word| assert!(fault.contains(word), "`{fault}` lacks `{word}`"));
    }
}

#[test]
fn the_same_trial_twice_is_refused() {
    let twice = "steps = 5\nlr = [0.1, 0.2]\n[[optimizer]]\nname = \"sgd\"\n[[optimizer]]\nname = \"sgd\"\nmomentum = 0\n\
                 [[problem]]\nname = \"sphere\"\n";
    let (line, text) = fault(twice);
    assert!(text.contains("twice") && text.contains("line 3") && line == 8, "{line}: {text}");
}

#[test]
fn a_study_without_optimizer_or_problem() {
    assert!(fault("steps = 5\n[[problem]]\nname = \"sphere\"").1.contains("[[optimizer]]"));
    assert!(fault("steps = 5\n[[optimizer]]\nname = \"sgd\"").1.contains("[[problem]]"));
    assert!(fault("steps = 5\noptimizer = []\n[[problem]]\nname = \"sphere\"").1.contains("[[optimizer]]"));
}

#[test]
fn names_follow_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("experiments/article/ravine.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, with("steps = 5")).unwrap();
    assert_eq!(Study::load(&path, &lab()).unwrap().name, "article/ravine");
    let alone = dir.path().join("mine.toml");
    std::fs::write(&alone, with("steps = 5")).unwrap();
    assert_eq!(Study::load(&alone, &lab()).unwrap().name, "mine");
    std::fs::write(&alone, with("steps = 0")).unwrap();
    let error = Study::load(&alone, &lab()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:1: ", alone.display())), "{error}");
}

/// Before anything runs, with the line of the optimizer, what it needs, and what would help.
#[test]
fn an_impossible_pair_is_refused() {
    let refusal = |optimizer: &str, problem: &str| {
        let text = format!("steps = 5\n[[optimizer]]\nname = \"{optimizer}\"\n[[problem]]\n{problem}\n");
        let (line, text) = fault(&text);
        assert_eq!(line, 2, "{text}");
        text
    };
    for (optimizer, problem, expected) in [
        (
            "l-bfgs",
            "name = \"mlp\"",
            "optimizer `l-bfgs` on problem `mlp`: it needs gradients without noise, over all examples in every step, but a \
             step sees a few: say `order = \"full\"`",
        ),
        (
            "rprop",
            "name = \"noisy-quadratic\"",
            "optimizer `rprop` on problem `noisy-quadratic`: it needs gradients without noise, over all examples in every \
             step, but the problem is noisy",
        ),
        (
            "saga",
            "name = \"sphere\"",
            "optimizer `saga` on problem `sphere`: it needs gradients of single examples, but the problem is no sum over \
             examples",
        ),
        (
            "saga",
            "name = \"softmax\"\norder = \"full\"",
            "optimizer `saga` on problem `softmax`: it needs gradients of single examples, but a step sees all examples at \
             once: choose a `batch`",
        ),
        (
            "polyak",
            "name = \"noisy-quadratic\"",
            "optimizer `polyak` on problem `noisy-quadratic`: it needs a lower bound of the loss, but the problem has none \
             that is known",
        ),
        (
            "sophia-g",
            "name = \"linear\"",
            "optimizer `sophia-g` on problem `linear`: it needs gradients for labels drawn from the model's predictions, but \
             the model predicts no probabilities",
        ),
        (
            "muon",
            "name = \"softmax\"",
            "optimizer `muon` on problem `softmax`: it needs a block of two dimensions between hidden layers; there are: w \
             [10, 64], b [10]",
        ),
    ] {
        assert_eq!(refusal(optimizer, problem), expected);
    }
    // Where the problem's examples come a few at a time, the optimizer can have its own order.
    let both = "steps = 5\nlr = 1.0\n[[optimizer]]\nname = \"adam\"\n[[optimizer]]\nname = \"l-bfgs\"\norder = \"full\"\n\
                [[problem]]\nname = \"softmax\"\nbatch = 10\n";
    let orders: Vec<_> = trials(both).iter().map(|t| t.sampling.order).collect();
    assert_eq!(orders, [Order::Shuffled, Order::Full]);
}

#[test]
fn a_preset_is_an_axis_and_part_of_the_trial() {
    let text = "steps = 5\nlr = { relative = [1] }\n[[optimizer]]\nname = \"rmsprop\"\npreset = [\"torch\", \"tf1\"]\n[[problem]]\n\
                name = \"sphere\"\n";
    let tables: Vec<_> = trials(text).into_iter().map(|t| t.optimizer).collect();
    assert_eq!((&tables[0]["alpha"], tables[0].get("preset")), (&0.99.into(), None));
    assert_eq!((&tables[1]["alpha"], &tables[1]["preset"]), (&0.9.into(), &"tf1".into()));
    let label = |table: &serde_json::Value| optimizer_label(table, &lab());
    assert_eq!([label(&tables[0]), label(&tables[1])], ["rmsprop", "rmsprop preset=tf1"]);
    let (_, text) =
        fault("steps = 5\n[[optimizer]]\nname = \"adam\"\npreset = \"keras\"\n[[problem]]\nname = \"sphere\"\n");
    assert!(text.contains("`preset` is \"keras\", allowed is one of `torch`"), "{text}");
}
