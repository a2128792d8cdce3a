//! The program's own words.

use crate::common::{Done, Place};
use crate::server::{Reply, Server};
use std::io::Write as _;

/// Runs the program with a cache in the place.
fn run(place: &Place, words: &str, environment: &[(&str, &str)]) -> Done {
    let mut command = place.command(words);
    command.env("XDG_CACHE_HOME", place.path("cache")).env_remove("DOWNHILL_DATA_DIR").env_remove("DOWNHILL_MIRROR");
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut to = bzip2::write::BzEncoder::new(vec![], bzip2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// From "it is not here" through `data get` to a trial on it.
#[test]
fn a_study_names_what_was_fetched() {
    let rows: String = (0..60).map(|i| format!("{} {}:1 {}:0.5\n", ["+1", "-1"][i % 2], 1 + i % 2, 3 + i)).collect();
    let server = Server::new(move |request| match request.path.as_str() {
        "/rcv1/rcv1_train.binary.bz2" => Reply::all(&bzip2(rows.as_bytes())),
        _ => Reply::status("404 Not Found"),
    });
    let place = Place::new();
    let trial = "run --problem logistic --data rcv1 --optimizer adam --lr 0.1 --epochs 2";
    run(&place, trial, &[]).expect(
        2,
        &["`rcv1` is not on this machine", "`downhill data get rcv1`", "for research", "cache/downhill/rcv1"],
    );
    let study = "epochs = 2\n[[optimizer]]\nname = \"adam\"\n[[problem]]\nname = \"logistic\"\ndata = [\"rcv1\"]\n";
    place.write("experiments/far.toml", study);
    run(&place, "check", &[]).expect(0, &["far.toml: left out, rcv1 is not here: downhill data get rcv1"]);
    run(&place, "check experiments/far.toml", &[]).expect(1, &["`rcv1` is not on this machine"]);
    assert!(server.asked().is_empty(), "nothing is fetched unasked");
    run(&place, "data get rcv1 --offline", &[]).expect(1, &["--offline"]);
    run(&place, "data list", &[]).expect(0, &["rcv1", "the first use", "fashion-mnist", "MIT", "iris", "bundled"]);
    let get = format!("data get iris rcv1 --mirror {}/", server.url);
    run(&place, &get, &[]).expect(0, &["iris is bundled", "rcv1 is now in", "licence: for research", "source: Lewis"]);
    run(&place, "data get rcv1", &[("DOWNHILL_MIRROR", "http://127.0.0.1:9")]).expect(0, &["rcv1 is here (cache)"]);
    let sums = place.read("cache/downhill/rcv1/SHA256SUMS");
    run(&place, "data list", &[]).expect(0, &["cache: ", &format!("the first use, {}", &sums[..12])]);
    run(&place, trial, &[]).expect(0, &["logistic/rcv1"]);
    run(&place, "check", &[]).expect(0, &["far.toml: 9 trials, 1 pairs run"]);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_given_folder_is_searched_first_and_filled() {
    let server = Server::new(|_| Reply::all(&bzip2(b"+1 1:1\n-1 2:1\n")));
    let place = Place::new();
    let mirror = ("DOWNHILL_MIRROR", server.url.as_str());
    run(&place, "data get rcv1 --data-dir mine", &[mirror]).expect(0, &["mine/rcv1", "DOWNHILL_DATA_DIR"]);
    run(&place, "data list", &[("DOWNHILL_DATA_DIR", "mine")]).expect(0, &["given folder: mine/rcv1"]);
    run(&place, "data list --data-dir mine --format json", &[]).expect(0, &["given folder: mine/rcv1"]);
    assert!(!place.path("cache").exists());
}

/// The digest of a download does not speak for files that somebody put there.
#[test]
fn a_list_does_not_claim_what_nobody_checked() {
    let place = Place::new();
    place.write("mine/sms-spam/SMSSpamCollection", "ham\thello you\nspam\twin now\n");
    let line = |out: &str| out.lines().find(|line| line.starts_with("sms-spam")).unwrap().to_owned();
    let here = run(&place, "data list", &[("DOWNHILL_DATA_DIR", "mine")]);
    assert!(line(&here.out).contains("nothing: not fetched by downhill"), "{}", here.out);
    assert!(line(&run(&place, "data list", &[]).out).contains("sha256 of the download"));
}

#[test]
fn mistakes_are_answered() {
    let server = Server::new(|_| Reply::all(b"junk"));
    let place = Place::new();
    run(&place, "data get minst", &[]).expect(2, &["unknown data set `minst`", "did you mean `mnist`"]);
    run(&place, "data get", &[]).expect(2, &["NAMES"]);
    let get = format!("data get tiny-shakespeare --mirror {}", server.url);
    run(&place, &get, &[]).expect(1, &["/tiny-shakespeare/input.txt", "sha256", "86c4e6aa9db7c042"]);
    run(&place, "data list", &[]).expect(0, &["tiny-shakespeare"]);
    assert!(!place.path("cache/downhill/tiny-shakespeare/tiny-shakespeare.txt").exists());
}
