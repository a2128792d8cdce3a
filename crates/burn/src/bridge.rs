//! A burn optimizer as an [`Optimizer`] of downhill: one tensor for each block, burn's step, and back.

use burn::optim::{DynOptimizer, DynState, StateSink, StateSource};
use burn::tensor::{DType, Device, Tensor, TensorData};
use downhill::{Block, Layout, Optimizer, Refusal, Step, Visit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps each block with burn's code. Built for a [`Blockwise`](crate::Blockwise).
pub(crate) struct Bridged {
    device: Device,
    /// Before the first step burn's state does not exist, hence has no names to save.
    steps: u64,
    parts: Vec<(Block, Part)>,
}

impl Bridged {
    /// `optimizer` is asked once for each block, since burn fixes the weight decay when it builds.
    ///
    /// # Errors
    /// If a block has more dimensions than burn's tensors can have here.
    pub(crate) fn new(
        name: &str,
        device: Device,
        layout: &Layout,
        mut optimizer: impl FnMut(&Block) -> Arc<dyn DynOptimizer>,
    ) -> Result<Self, Refusal> {
        let part = |block: &Block| {
            // burn has no tensor without dimensions, and some of its means divide by the number of elements.
            let shape = if block.shape.is_empty() { vec![1] } else { block.shape.clone() };
            let call = rank(shape.len()).ok_or_else(|| {
                let (block, d) = (&block.name, shape.len());
                Refusal(format!("{name} takes blocks of at most 8 dimensions; `{block}` has {d}"))
            })?;
            Ok((block.clone(), Part { shape, optimizer: optimizer(block), call, state: None }))
        };
        let parts = layout.blocks().iter().filter(|b| !b.is_empty()).map(part).collect::<Result<_, _>>()?;
        Ok(Bridged { device, steps: 0, parts })
    }
}

impl Optimizer<f32> for Bridged {
    fn step(&mut self, x: &mut [f32], g: &[f32], step: &mut Step<'_, f32>) {
        self.steps += 1;
        for (block, part) in &mut self.parts {
            let (x, g) = (&mut x[block.range.clone()], &g[block.range.clone()]);
            let state = part.state.take();
            let (moved, state) = part.step(&self.device, step.at(block).lr, x.to_vec(), g.to_vec(), state);
            x.copy_from_slice(moved.as_slice().expect(IN_F32));
            part.state = state;
        }
    }

    fn visit(&mut self, visit: &mut Visit<'_>) {
        visit.count("steps", &mut self.steps);
        for (block, part) in &mut self.parts {
            visit.within(&block.name, |v| match self.steps {
                0 => part.state = None,
                _ => part.visit(&self.device, v),
            });
        }
    }
}

/// Why reading a tensor as `f32` cannot fail.
pub(crate) const IN_F32: &str =
    "every tensor is made from f32 values on request, and burn's optimizers keep the precision";

/// One block: burn's optimizer, and what burn remembers of it.
struct Part {
    shape: Vec<usize>,
    optimizer: Arc<dyn DynOptimizer>,
    call: Call,
    state: Option<DynState>,
}

impl Part {
    fn step(
        &self,
        device: &Device,
        lr: f64,
        x: Vec<f32>,
        g: Vec<f32>,
        state: Option<DynState>,
    ) -> (TensorData, Option<DynState>) {
        let data = |values| TensorData::new(values, self.shape.clone());
        (self.call)(&*self.optimizer, device, lr, data(x), data(g), state)
    }

    /// Visits the leaves of burn's own record, under burn's names.
    ///
    /// To load before the first step, names and lengths come from a step of rate 0 at the origin, whose values are
    /// then overwritten. So the leaves must not change from step to step, as they would in a history.
    fn visit(&mut self, device: &Device, visit: &mut Visit<'_>) {
        let zeros = || vec![0.0; self.shape.iter().product()];
        let Some(state) = self.state.take().or_else(|| self.step(device, 0.0, zeros(), zeros(), None).1) else {
            return;
        };
        let mut leaves = StateSink::default();
        self.optimizer.state_flatten("", &state, &mut leaves);

        let mut scalars = BTreeMap::new();
        for (name, scalar) in leaves.scalars {
            let visited = if let Ok(mut count) = u64::try_from(scalar) {
                visit.count(&name, &mut count);
                count.into()
            } else if let Ok(mut number) = f64::try_from(scalar) {
                visit.scalar(&name, &mut number);
                number.into()
            } else {
                scalar
            };
            scalars.insert(name, visited);
        }
        let mut source = StateSource::new(scalars);
        for (name, mut tensor) in leaves.tensors {
            visit.vector(&name, tensor.as_mut_slice::<f32>().expect(IN_F32));
            source.insert_tensor(name, tensor);
        }
        self.state = self.optimizer.state_unflatten(self.shape.len(), "", &mut source, device);
    }
}

/// burn's step for tensors of one rank, from values to values.
type Call =
    fn(&dyn DynOptimizer, &Device, f64, TensorData, TensorData, Option<DynState>) -> (TensorData, Option<DynState>);

fn call<const D: usize>(
    optimizer: &dyn DynOptimizer,
    device: &Device,
    lr: f64,
    x: TensorData,
    g: TensorData,
    state: Option<DynState>,
) -> (TensorData, Option<DynState>) {
    let tensor = |data| Tensor::<D>::from_data(data, (device, DType::F32)).into_bridge();
    let (x, state) = optimizer.step_dyn(D, lr, tensor(x), tensor(g), state);
    (Tensor::<D>::from_bridge(x).into_data(), state)
}

/// burn's ranks are types; this picks one by number.
fn rank(dimensions: usize) -> Option<Call> {
    let calls: [Call; 8] = [call::<1>, call::<2>, call::<3>, call::<4>, call::<5>, call::<6>, call::<7>, call::<8>];
    calls.get(dimensions.checked_sub(1)?).copied()
}
