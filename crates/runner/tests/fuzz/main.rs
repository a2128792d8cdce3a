//! Readers meet bytes that nobody meant: a value or an error, never a panic. Some thousand inputs for each format here;
//! `cargo run --release -p runner --no-default-features --example fuzz` takes more, with limits on memory and time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod inputs;
mod readers;

use readers::{Bench, READERS};

/// Inputs of one format.
fn survives(name: &str, inputs: u64) {
    let reader = READERS.iter().find(|reader| reader.name == name).unwrap();
    let (bench, corpus) = (Bench::new(), reader.corpus());
    let (mut read, mut refused) = (0, 0);
    for number in 0..inputs {
        let input = corpus.input(number);
        let run = std::panic::AssertUnwindSafe(|| reader.read(&bench, &input));
        match std::panic::catch_unwind(run).unwrap_or_else(|_| panic!("{name}: input {number}")) {
            Ok(()) => read += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read > 0 && refused > 0, "{name}: {read} were read, {refused} were refused: the inputs are worth nothing");
}

#[test]
fn studies() {
    survives("study", 1000);
}

#[test]
fn tables() {
    survives("csv", 4000);
    survives("libsvm", 4000);
}

#[test]
fn images_and_texts() {
    survives("idx", 4000);
    survives("text", 4000);
    survives("documents", 4000);
}

#[test]
fn archives() {
    survives("archive", 4000);
}

#[test]
fn runs_of_others() {
    survives("import", 2000);
}

#[test]
fn journals() {
    survives("journal", 2000);
}

/// What a disk may do to a journal: each byte in turn is another, or the file ends there.
#[test]
fn a_journal_survives_damage_at_every_byte() {
    let reader = READERS.iter().find(|reader| reader.name == "journal").unwrap();
    let (bench, whole) = (Bench::new(), reader.corpus().input(0).bytes);
    assert!(whole.len() > 5000 && whole.ends_with(b"\n"));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] = [whole[at] ^ 1, b'\n', 0xff][at % 3];
        let same = bytes == whole;
        let told = reader.read(&bench, &inputs::Seed { ending: "journal".into(), bytes });
        assert!(told.is_err() || same, "byte {at} is another, and nobody says so");
        let told = reader.read(&bench, &inputs::Seed { ending: "journal".into(), bytes: whole[..at].to_vec() });
        assert!(told.is_err() || at == 0 || whole[at - 1] == b'\n', "the end at {at}");
    }
}
