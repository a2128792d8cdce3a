//! Apache Parquet: `trials.parquet`, `curves.parquet` and, if there are timings, `timings.parquet`.
//!
//! Integers are INT64, numbers DOUBLE (NaN stays NaN), texts UTF-8 strings; a missing cell is null. A file is a sequence of
//! groups of [`GROUP`] rows, compressed by Snappy, and says in its metadata which study it holds (`downhill.study`), which
//! version wrote it (`downhill.version`), its schema and the numerics of its trials (`downhill.schema`,
//! `downhill.numerics`).

use super::{Numerics, SCHEMA, target};
use crate::columns::{Column, Kind, Row, Rows, SHEETS, Sheet, Value};
use crate::store::StudyInfo;
use anyhow::{Context as _, Result};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The rows of a group: what is held in memory at once.
pub const GROUP: usize = 1 << 16;

/// Writes the tables of a folder of results into the folder `out`; returns their names and rows.
///
/// # Errors
/// If a table cannot be read, or a file cannot be written or is something else.
pub fn write(dir: &Path, out: &Path) -> Result<Vec<(&'static str, usize)>> {
    let study = StudyInfo::read(dir)?;
    let sheets = SHEETS.into_iter().filter(|sheet| sheet.is_in(dir));
    let files: Vec<_> = sheets.map(|sheet| (sheet, out.join(sheet.name).with_extension("parquet"))).collect();
    files.iter().try_for_each(|(_, path)| target::check(path, ours))?;
    let (mut numerics, mut written) = (Numerics::default(), Vec::new());
    for (sheet, path) in files {
        let table = |file: &mut _| {
            let mut groups = Groups::new(file, sheet)?;
            for row in Rows::open(dir, sheet)? {
                let row = row?;
                if sheet.name == "trials" {
                    numerics.add(&row);
                }
                groups.add(row)?;
            }
            let versions: Vec<String> = numerics.0.iter().map(u32::to_string).collect();
            groups.close([
                ("downhill.schema", SCHEMA.to_string()),
                ("downhill.version", env!("CARGO_PKG_VERSION").to_owned()),
                ("downhill.numerics", versions.join(",")),
                ("downhill.study", study.text.clone()),
            ])
        };
        let rows = target::file(&path, table).with_context(|| format!("cannot write {}", path.display()))?;
        written.push((sheet.name, rows));
    }
    Ok(written)
}

/// Whether a file is a table that this wrote.
fn ours(path: &Path) -> bool {
    let reader = File::open(path).ok().and_then(|file| SerializedFileReader::new(file).ok());
    let metadata = reader.and_then(|r| r.metadata().file_metadata().key_value_metadata().cloned());
    metadata.is_some_and(|pairs| pairs.iter().any(|pair| pair.key == "downhill.schema"))
}

/// A file, group by group.
struct Groups<W: Write + Send> {
    sheet: Sheet,
    writer: SerializedFileWriter<W>,
    rows: Vec<Row>,
    total: usize,
}

impl<W: Write + Send> Groups<W> {
    fn new(file: W, sheet: Sheet) -> Result<Self> {
        let fields: Result<Vec<_>, ParquetError> =
            sheet.columns.iter().map(|column| Ok(Arc::new(field(column)?))).collect();
        let schema = Type::group_type_builder(sheet.name).with_fields(fields?).build()?;
        let by = format!("downhill {}", env!("CARGO_PKG_VERSION"));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by(by).build();
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
        Ok(Groups { sheet, writer, rows: Vec::new(), total: 0 })
    }

    fn add(&mut self, row: Row) -> Result<()> {
        self.rows.push(row);
        if self.rows.len() == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (i, column) in self.sheet.columns.iter().enumerate() {
            let cells = || self.rows.iter().map(|row| &row.values[i]);
            match column.kind {
                Kind::Integer => put::<Int64Type, W>(&mut group, column, cells(), |v| match v {
                    Value::Integer(i) => Some(*i),
                    _ => None,
                }),
                Kind::Number => put::<DoubleType, W>(&mut group, column, cells(), |v| match v {
                    Value::Number(x) => Some(*x),
                    _ => None,
                }),
                Kind::Text => put::<ByteArrayType, W>(&mut group, column, cells(), |v| match v {
                    Value::Text(text) => Some(ByteArray::from(text.as_str())),
                    _ => None,
                }),
            }?;
        }
        group.close()?;
        self.total += self.rows.len();
        self.rows.clear();
        Ok(())
    }

    fn close<const N: usize>(mut self, metadata: [(&str, String); N]) -> Result<usize> {
        self.flush()?;
        for (key, value) in metadata {
            self.writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        self.writer.close()?;
        Ok(self.total)
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let (physical, logical) = match column.kind {
        Kind::Integer => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(column.name, physical).with_repetition(repetition).with_logical_type(logical).build()
}

/// A column of one group: the values that are there, and for each row whether there is one.
fn put<'r, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    column: &Column,
    cells: impl Iterator<Item = &'r Value> + Clone,
    value: fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let there: Vec<i16> = cells.clone().map(|v| i16::from(*v != Value::Missing)).collect();
    let values: Vec<T::T> = cells.filter_map(value).collect();
    let Some(mut writer) = group.next_column()? else {
        return Err(ParquetError::General(format!("no column for `{}`", column.name)));
    };
    writer.typed::<T>().write_batch(&values, column.optional.then_some(&there[..]), None)?;
    writer.close()
}
