//! Inputs for a reader: committed ones, and what becomes of them when they are damaged. An input is a function of its
//! number, so that a failure is told by one.

use std::fs;
use std::path::Path;

/// A committed input.
pub(crate) struct Seed {
    /// How its name ends, which says what the reader does with it.
    pub(crate) ending: String,
    pub(crate) bytes: Vec<u8>,
}

/// The committed inputs of one format, and the words that occur in them.
pub(crate) struct Corpus {
    name: String,
    seeds: Vec<Seed>,
    words: Vec<Vec<u8>>,
}

/// Numbers that readers forget.
const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "255",
    "256",
    "65536",
    "10000",
    "16777217",
    "2147483648",
    "4294967295",
    "1000000000000",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999",
    "1e-300",
    "1e300",
    "1e400",
    "0.5",
    "nan",
    "-inf",
    "0x7f",
    "1_000",
];
/// What opens, closes and separates.
const MARKS: [&str; 28] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "=",
    ".",
    ",",
    ":",
    ";",
    "#",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\\",
    "\\u0000",
    "\0",
    "\u{feff}",
    "é",
    "\u{1f980}",
    "-",
    "/",
    "../",
];
/// Inputs do not grow beyond this.
const MOST: usize = 1 << 16;

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below `n`; 0 if there is nothing below.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
    /// A place and a length within `n`; mostly short.
    fn span(&mut self, n: usize) -> std::ops::Range<usize> {
        let start = self.below(n);
        let most = if self.below(4) == 0 { n } else { 16 };
        start..(start + 1 + self.below(most)).min(n)
    }
}

impl Corpus {
    /// All files of a folder, by name.
    pub(crate) fn read(folder: &Path) -> Self {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let listed = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        let seed = |path: &std::path::PathBuf| Seed {
            ending: path.extension().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: fs::read(path).expect("a committed input"),
        };
        let seeds: Vec<Seed> = paths.iter().map(seed).collect();
        assert!(!seeds.is_empty(), "{}: no inputs", folder.display());
        let mut words: Vec<Vec<u8>> = seeds
            .iter()
            .flat_map(|seed| seed.bytes.split(|b| !b.is_ascii_alphanumeric() && *b != b'_'))
            .filter(|word| (1..40).contains(&word.len()))
            .map(<[u8]>::to_vec)
            .collect();
        words.sort();
        words.dedup();
        Corpus { name, seeds, words }
    }

    /// The input of that number with its ending: first those that are committed, then damaged ones.
    pub(crate) fn input(&self, number: u64) -> Seed {
        if let Some(Seed { ending, bytes }) = self.seeds.get(number as usize) {
            return Seed { ending: ending.clone(), bytes: bytes.clone() };
        }
        let mut draw = Draw(self.name.bytes().fold(number, |hash, b| hash.wrapping_mul(31).wrapping_add(b.into())));
        let seed = &self.seeds[draw.below(self.seeds.len())];
        let mut bytes = seed.bytes.clone();
        let times = if draw.below(8) == 0 { 1 + draw.below(16) } else { 1 + draw.below(3) };
        // Half of them keep their form, and differ in numbers and words alone.
        let gentle = draw.below(2) == 0;
        for _ in 0..times {
            let kind = if gentle { 7 + draw.below(3) } else { draw.below(13) };
            self.damage(&mut bytes, kind, &seed.ending, &mut draw);
            bytes.truncate(MOST);
        }
        Seed { ending: seed.ending.clone(), bytes }
    }

    fn damage(&self, bytes: &mut Vec<u8>, kind: usize, ending: &str, draw: &mut Draw) {
        let at = draw.below(bytes.len());
        match kind {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << draw.below(8),
            1 if !bytes.is_empty() => bytes[at] = draw.next() as u8,
            2 => drop(bytes.drain(draw.span(bytes.len()))),
            3 => {
                let piece = bytes[draw.span(bytes.len())].to_vec();
                insert(bytes, at, &piece);
            }
            4 => {
                let others: Vec<&Seed> = self.seeds.iter().filter(|seed| seed.ending == ending).collect();
                let other = draw.of(&others);
                let piece = other.bytes[draw.span(other.bytes.len())].to_vec();
                insert(bytes, at, &piece);
            }
            5 if !self.words.is_empty() => {
                let word = self.words[draw.below(self.words.len())].clone();
                insert(bytes, at, &word);
            }
            6 => insert(bytes, at, draw.of(&MARKS).as_bytes()),
            7 | 8 => {
                replace(bytes, draw, |b| b.is_ascii_digit() || b".-+".contains(b), |draw| draw.of(&NUMBERS).into())
            }
            9 if !self.words.is_empty() => {
                let word = |draw: &mut Draw| self.words[draw.below(self.words.len())].clone();
                replace(bytes, draw, |b| b.is_ascii_alphanumeric() || *b == b'_', word);
            }
            10 => bytes.truncate(at),
            11 => {
                let piece = draw.of(&MARKS).repeat(1 << draw.below(12));
                insert(bytes, at, piece.as_bytes());
            }
            _ => {
                let value = [0, 1, 0x7f, 0x80, 0xff][draw.below(5)];
                let end = (at + (1 << draw.below(4))).min(bytes.len());
                bytes[at..end].fill(value);
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

/// Puts something else in the place of a run of such bytes.
fn replace(bytes: &mut Vec<u8>, draw: &mut Draw, is: fn(&u8) -> bool, with: impl Fn(&mut Draw) -> Vec<u8>) {
    let at = draw.below(bytes.len());
    let Some(start) = bytes[at..].iter().position(is).map(|n| at + n) else { return };
    let end = bytes[start..].iter().position(|b| !is(b)).map_or(bytes.len(), |n| start + n);
    let start = bytes[..start].iter().rposition(|b| !is(b)).map_or(0, |n| n + 1);
    bytes.splice(start..end, with(draw));
}
