//! The program, run in a folder of its own.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "tests; each uses a part")]

pub mod made_up;
pub mod synthetic;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder that goes away.
pub struct Place(TempDir);

/// What the program did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    /// The code is this, and what was said holds all these words.
    #[track_caller]
    pub fn expect(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        let said = format!("{}{}", self.out, self.err);
        words.iter().for_each(|word| assert!(said.contains(word), "lacks `{word}`:\n{said}"));
        self
    }
}

impl Place {
    pub fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_downhill"));
        command.args(words.split_whitespace()).current_dir(self.0.path());
        command
    }
    /// Runs the program here, to its end.
    pub fn run(&self, words: &str) -> Done {
        let output = self.command(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
    /// Starts the program here.
    pub fn spawn(&self, words: &str) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }
    /// The bytes that must not depend on how the work was done.
    pub fn tables(&self, dir: &str) -> [Vec<u8>; 2] {
        ["trials.csv", "curves.csv"].map(|name| fs::read(self.path(dir).join(name)).unwrap())
    }
    /// The keys in the journal, in the order in which trials were finished.
    pub fn keys(&self, dir: &str) -> Vec<String> {
        let text = fs::read(self.path(dir).join("journal.jsonl")).unwrap_or_default();
        let whole = text.split_inclusive(|&b| b == b'\n').filter(|line| line.ends_with(b"\n"));
        whole
            .map(|line| {
                let record: serde_json::Value = serde_json::from_slice(&line[9..]).unwrap();
                record["key"].as_str().unwrap().to_owned()
            })
            .collect()
    }
}

/// Two optimizers on a function and on a small table: 36 trials, a fraction of a second.
pub const SMALL: &str = r#"
question = "Does it run?"
seeds = 3
steps = 200
epochs = 2
[[optimizer]]
name = ["sgd", "adam"]
lr = { around = 3, per_decade = 1 }
[[problem]]
name = "rosenbrock"
[[problem]]
name = "softmax"
data = "iris"
"#;

/// The same question over more steps: some seconds, so that a sweep can be disturbed.
pub const LONG: &str = r#"
seeds = 20
steps = 60000
points = 4
[[optimizer]]
name = ["sgd", "adam", "rmsprop"]
lr = [1e-4, 1e-3]
[[problem]]
name = ["rosenbrock", "sphere"]
"#;

/// Waits until something holds, some seconds at most.
#[track_caller]
pub fn wait_for(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed().as_secs() < 20, "it never came to pass");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Whether tests run as the superuser, whom no permission keeps out.
pub fn superuser(place: &Path) -> bool {
    let probe = place.join("probe");
    fs::create_dir(&probe).unwrap();
    let mut permissions = fs::metadata(&probe).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&probe, permissions).unwrap();
    fs::write(probe.join("file"), "").is_ok()
}
