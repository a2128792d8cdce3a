//! What an optimizer of downhill remembers, as the leaves of burn's records.

use burn::optim::OptimizerRecord;
use burn::store::RecordError;
use burn::tensor::{DType, TensorData};
use burn_pack::{Reader, Scalar, Tensor, Writer};
use downhill::{State, StateError, Values};

/// Each vector as a tensor of its own precision, under its name.
pub(crate) fn tensors(state: &State) -> impl Iterator<Item = (String, TensorData)> {
    state.iter().map(|(name, values)| {
        let data = match values {
            Values::F32(v) => TensorData::new(v.clone(), [v.len()]),
            Values::F64(v) => TensorData::new(v.clone(), [v.len()]),
            Values::U64(v) => TensorData::new(v.clone(), [v.len()]),
        };
        (name.to_owned(), data)
    })
}

/// The way back; None for a precision that no state has.
pub(crate) fn values(data: &TensorData) -> Option<Values> {
    Some(match data.dtype() {
        DType::F32 => Values::F32(data.as_slice().ok()?.to_vec()),
        DType::F64 => Values::F64(data.as_slice().ok()?.to_vec()),
        DType::U64 => Values::U64(data.as_slice().ok()?.to_vec()),
        _ => return None,
    })
}

/// A record of the whole model: the state after `t` steps.
pub(crate) fn write(t: u64, state: &State) -> Result<OptimizerRecord, RecordError> {
    let tensor = |(name, data): (String, TensorData)| {
        let (bytes, shape, dtype) = data.into_parts();
        Tensor::new(name, dtype, shape, None, bytes)
    };
    let tensors = tensors(state).map(tensor).collect();
    OptimizerRecord::from_bytes(Writer::new(tensors).with_scalar(STEPS, Scalar::from(t)).into_bytes()?)
}

/// The steps and the state of a record.
pub(crate) fn read(record: OptimizerRecord) -> Result<(u64, State), RecordProblem> {
    let reader = Reader::from_bytes(record.into_bytes()?).map_err(RecordError::from)?;
    let t = reader.scalars().get(STEPS).and_then(|&t| u64::try_from(t).ok()).ok_or(RecordProblem::Foreign)?;
    let mut state = Vec::new();
    for tensor in reader.into_tensors().map_err(RecordError::from)? {
        let (name, dtype, shape, _, bytes) = tensor.into_parts().map_err(RecordError::from)?;
        let data = TensorData::from_bytes(bytes, shape, dtype);
        state.push((name, values(&data).ok_or(RecordProblem::Foreign)?));
    }
    Ok((t, state.into_iter().collect()))
}

/// Where the number of steps stands.
pub(crate) const STEPS: &str = "steps";

/// Why a record cannot be loaded.
#[derive(Debug)]
pub enum RecordProblem {
    /// burn cannot read it.
    Burn(RecordError),
    /// It was not saved by an optimizer of downhill.
    Foreign,
    /// It was saved by another optimizer or for another model.
    State(StateError),
}

impl From<RecordError> for RecordProblem {
    fn from(error: RecordError) -> Self {
        RecordProblem::Burn(error)
    }
}

impl std::fmt::Display for RecordProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecordProblem::Burn(e) => write!(f, "the record cannot be read: {e}"),
            RecordProblem::Foreign => f.write_str("the record was not saved by an optimizer of downhill"),
            RecordProblem::State(e) => write!(f, "the record is of another optimizer or model: {e}"),
        }
    }
}
impl std::error::Error for RecordProblem {}
