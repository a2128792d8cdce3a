//! burn's L-BFGS as an [`Optimizer`] of downhill: all parameters as one tensor, its closure as questions to the oracle.

use crate::bridge::IN_F32;
use burn::module::{Module, Param, ParamId};
use burn::optim::{GradientsParams, LBFGS, LBFGSConfig};
use burn::tensor::{Bytes, DType, Device, Tensor, TensorData};
use burn_pack::{Reader, Scalar, Writer};
use downhill::{Block, Layout, Optimizer, Refusal, Step, Visit};
use std::collections::BTreeMap;

/// The most pairs whose record burn can read again: two tensors each, and two more.
const PAIRS: usize = burn_pack::MAX_TENSOR_COUNT / 2 - 1;

/// Steps all parameters at once with burn's code.
pub(crate) struct Lbfgs {
    config: LBFGSConfig,
    optimizer: LBFGS,
    device: Device,
    blocks: Vec<Block>,
}

/// A burn module with nothing but the parameters.
#[derive(Module, Debug)]
struct Flat {
    x: Param<Tensor<1>>,
}

impl Lbfgs {
    /// # Errors
    /// If blocks have different learning rates, or burn could not save as many pairs.
    pub(crate) fn new(name: &str, config: LBFGSConfig, device: Device, layout: &Layout) -> Result<Self, Refusal> {
        let blocks: Vec<_> = layout.blocks().iter().filter(|b| !b.is_empty()).cloned().collect();
        let rate = |b: &Block| b.group.lr_scale;
        if let Some(pair) = blocks.windows(2).find(|pair| rate(&pair[0]) != rate(&pair[1])) {
            let said = pair.iter().map(|b| format!("`{}` {}", b.name, rate(b))).collect::<Vec<_>>().join(", ");
            return Err(Refusal(format!("{name} has one learning rate for all blocks; `lr_scale` is: {said}")));
        }
        let history = config.history_size;
        if history > PAIRS {
            return Err(Refusal(format!("{name}: `history` is {history}; burn can save at most {PAIRS} pairs")));
        }
        Ok(Lbfgs { optimizer: config.init(), config, device, blocks })
    }
}

impl Optimizer<f32> for Lbfgs {
    fn step(&mut self, x: &mut [f32], g: &[f32], step: &mut Step<'_, f32>) {
        let Some(first) = self.blocks.first() else { return };
        let lr = step.at(first).lr;
        let tensor = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [values.len()]);
            Tensor::<1>::from_data(data, (&self.device, DType::F32))
        };
        // The first question is about `x`: the answer is known, and paid for.
        let mut known = Some(step.loss);
        let mut answer = g.to_vec();
        let closure = |at: Flat| {
            let loss = known.take().unwrap_or_else(|| step.again(&values(&at), &mut answer));
            let mut gradients = GradientsParams::new();
            gradients.register(at.x.id, tensor(&answer));
            (loss.into(), gradients)
        };
        // burn asks parameters whether they are distributed, which those without autodiff cannot answer.
        let flat = Flat { x: Param::initialized(ParamId::new(), Tensor::from_inner(tensor(x))) };
        let (moved, _) = self.optimizer.step(lr, flat, closure);
        x.copy_from_slice(&values(&moved));
    }

    /// burn's own record, under burn's names.
    ///
    /// What there is follows from two counts, which come first. The record is given back to burn only where it has
    /// changed: saving leaves burn alone.
    fn visit(&mut self, visit: &mut Visit<'_>) {
        let before = Record::of(&self.optimizer);
        let mut after = Record::default();

        let mut counted = |name: &str| {
            let mut count = before.scalar(name).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
            visit.count(name, &mut count);
            count
        };
        let (iterations, pairs) = (counted("g_iter"), counted("history_s.len").min(self.config.history_size as u64));
        let counts = [("g_iter", iterations), ("history_s.len", pairs), ("history_y.len", pairs)];
        after.scalars.extend(counts.map(|(name, n)| (name.into(), n.into())));

        // Before the first iteration burn remembers a rate, and neither loss nor vectors.
        let started = iterations > 0;
        for name in ["t", "prev_loss"].into_iter().take(if started { 2 } else { 1 }) {
            let mut value = before.scalar(name).and_then(|x| f64::try_from(x).ok()).unwrap_or(0.0);
            visit.scalar(name, &mut value);
            after.scalars.insert(name.into(), value.into());
        }
        let single = ["d", "prev_flat_grad"].map(String::from).into_iter().take(if started { 2 } else { 0 });
        let paired = (0..pairs).flat_map(|i| ["history_s", "history_y"].map(|name| format!("{name}.{i}")));
        let n = self.blocks.last().map_or(0, |b| b.range.end);
        for name in single.chain(paired) {
            let mut values = before.tensors.get(&name).cloned().unwrap_or_else(|| vec![0.0; n]);
            visit.by_block(&self.blocks, &name, &mut values);
            after.tensors.insert(name, values);
        }
        if after != before {
            self.optimizer = after.load_into(&self.config);
        }
    }
}

fn values(flat: &Flat) -> Vec<f32> {
    flat.x.val().inner().into_data().try_into_vec().expect(IN_F32)
}

/// What burn's L-BFGS remembers. burn keeps the fields to itself, but writes them down and reads them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Record {
    scalars: BTreeMap<String, Scalar>,
    tensors: BTreeMap<String, Vec<f32>>,
}

impl Record {
    fn of(optimizer: &LBFGS) -> Self {
        let reader = optimizer.into_bytes().ok().and_then(|bytes| Reader::from_bytes(bytes).ok()).expect(BURNS_OWN);
        let scalars = reader.scalars().clone();
        let tensors = reader.into_tensors().expect(BURNS_OWN).into_iter().map(|tensor| {
            let (name, _, _, _, bytes) = tensor.into_parts().expect(BURNS_OWN);
            let (numbers, _) = bytes.as_chunks::<4>();
            (name, numbers.iter().map(|&number| f32::from_le_bytes(number)).collect())
        });
        Record { tensors: tensors.collect(), scalars }
    }

    fn scalar(&self, name: &str) -> Option<Scalar> {
        self.scalars.get(name).copied()
    }

    fn load_into(self, config: &LBFGSConfig) -> LBFGS {
        let tensors = self.tensors.into_iter().map(|(name, values)| {
            let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            burn_pack::Tensor::new(name, DType::F32, [values.len()], None, Bytes::from_bytes_vec(bytes))
        });
        let writer = Writer::new(tensors.collect());
        let writer = self.scalars.iter().fold(writer, |writer, (name, &scalar)| writer.with_scalar(name, scalar));
        let bytes = writer.into_bytes().expect(BURNS_OWN);
        config.init().from_bytes(bytes).expect(BURNS_OWN)
    }
}

/// Why burn's format is read and written without errors here.
const BURNS_OWN: &str = "records of f32 tensors, as many as burn's reader takes, made by burn's writer in this process";
