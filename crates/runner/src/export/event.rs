//! TensorBoard's event files: records of TensorFlow's TFRecord format, each a protocol buffer.
//!
//! The messages are those of `tensorflow/core/util/event.proto`, `framework/summary.proto` and
//! `tensorboard/plugins/hparams/plugin_data.proto`, with the fields that are used here and the numbers they have there.

use prost::{Message, Oneof};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One record of an event file.
#[derive(Clone, PartialEq, Message)]
pub struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    /// The step.
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// What is said.
    #[prost(oneof = "What", tags = "3, 5")]
    pub what: Option<What>,
}

/// What an event says.
#[derive(Clone, PartialEq, Oneof)]
pub enum What {
    /// First in every file.
    #[prost(string, tag = "3")]
    FileVersion(String),
    /// Values at a step.
    #[prost(message, tag = "5")]
    Summary(Summary),
}

/// Values at a step.
#[derive(Clone, PartialEq, Message)]
pub struct Summary {
    /// Each with its tag.
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

/// A value.
#[derive(Clone, PartialEq, Message)]
pub struct Value {
    /// What it is called.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// A scalar; none where the metadata say all.
    #[prost(float, optional, tag = "2")]
    pub simple_value: Option<f32>,
    /// For which plugin it is.
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<Metadata>,
}

/// `SummaryMetadata`.
#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    /// The plugin.
    #[prost(message, optional, tag = "1")]
    pub plugin_data: Option<PluginData>,
}

/// `SummaryMetadata.PluginData`.
#[derive(Clone, PartialEq, Message)]
pub struct PluginData {
    /// Its name.
    #[prost(string, tag = "1")]
    pub plugin_name: String,
    /// What it alone reads.
    #[prost(bytes = "vec", tag = "2")]
    pub content: Vec<u8>,
}

/// `HParamsPluginData`: how a run was set, and how it ended.
#[derive(Clone, PartialEq, Message)]
pub struct Hyperparameters {
    /// The version of the format, 0.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// Either.
    #[prost(oneof = "Session", tags = "3, 4")]
    pub data: Option<Session>,
}

/// The beginning or the end of a run.
#[derive(Clone, PartialEq, Oneof)]
pub enum Session {
    /// How it was set.
    #[prost(message, tag = "3")]
    Start(SessionStart),
    /// How it ended.
    #[prost(message, tag = "4")]
    End(SessionEnd),
}

/// `SessionStartInfo`.
#[derive(Clone, PartialEq, Message)]
pub struct SessionStart {
    /// By name.
    #[prost(btree_map = "string, message", tag = "1")]
    pub hparams: BTreeMap<String, Setting>,
    /// Runs of one group are repeats of each other.
    #[prost(string, tag = "4")]
    pub group_name: String,
}

/// `google.protobuf.Value`: a number or a text.
#[derive(Clone, PartialEq, Message)]
pub struct Setting {
    /// Either.
    #[prost(oneof = "Kind", tags = "2, 3")]
    pub kind: Option<Kind>,
}

/// A number or a text.
#[derive(Clone, PartialEq, Oneof)]
pub enum Kind {
    /// A number.
    #[prost(double, tag = "2")]
    Number(f64),
    /// A text.
    #[prost(string, tag = "3")]
    Text(String),
}

/// `SessionEndInfo`.
#[derive(Clone, PartialEq, Message)]
pub struct SessionEnd {
    /// 1 is success, 2 failure.
    #[prost(int32, tag = "1")]
    pub status: i32,
}

/// Appends one record: length, its checksum, the message, its checksum.
///
/// # Errors
/// If it cannot be written.
pub fn append(file: &mut impl Write, event: &Event) -> io::Result<()> {
    let data = event.encode_to_vec();
    let length = (data.len() as u64).to_le_bytes();
    file.write_all(&length)?;
    file.write_all(&masked(&length).to_le_bytes())?;
    file.write_all(&data)?;
    file.write_all(&masked(&data).to_le_bytes())
}

/// The events of a file.
///
/// # Errors
/// At the first record that is cut short, damaged, or no event.
pub fn read(mut bytes: &[u8]) -> io::Result<Vec<Event>> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(take(&mut bytes, 8)?.try_into().map_err(io::Error::other)?);
        let head = check(&mut bytes, &length.to_le_bytes());
        let data = head.and_then(|()| take(&mut bytes, usize::try_from(length).map_err(io::Error::other)?))?;
        check(&mut bytes, data)?;
        events.push(Event::decode(data).map_err(io::Error::other)?);
    }
    Ok(events)
}

fn take<'b>(bytes: &mut &'b [u8], n: usize) -> io::Result<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(n).ok_or(io::ErrorKind::UnexpectedEof)?;
    *bytes = rest;
    Ok(taken)
}

fn check(bytes: &mut &[u8], data: &[u8]) -> io::Result<()> {
    let sum = take(bytes, 4)?;
    if sum == masked(data).to_le_bytes() { Ok(()) } else { Err(io::Error::other("a record is damaged")) }
}

/// CRC-32C, turned and shifted as `tensorflow/core/lib/hash/crc32c.h` does, so that a checksum of data that hold checksums
/// is none of theirs.
fn masked(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first record of every file that TensorFlow writes, with a wall time of zero, byte by byte: as
    /// `tensorboard.summary.writer.record_writer.RecordWriter` wrote it.
    #[test]
    fn the_first_record_is_tensorflows() {
        let event = Event { wall_time: 0.0, step: 0, what: Some(What::FileVersion("brain.Event:2".into())) };
        let mut bytes = Vec::new();
        append(&mut bytes, &event).expect("written");
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "0f000000000000006d532b091a0d627261696e2e4576656e743a32fc985129");
        assert_eq!(read(&bytes).expect("read"), [event]);
    }

    #[test]
    fn damage_is_seen() {
        let event = Event { wall_time: 1.0, step: 7, what: None };
        let mut bytes = Vec::new();
        append(&mut bytes, &event).expect("written");
        for i in 0..bytes.len() {
            let mut other = bytes.clone();
            other[i] ^= 1;
            assert!(read(&other).is_err(), "byte {i}");
            assert!(i == 0 || read(&bytes[..i]).is_err(), "cut at {i}");
        }
    }
}
