//! The bench `step` with mimalloc, as burn's users are advised to: it spares burn the page faults of fresh tensors.

#[path = "step.rs"]
mod step;

#[global_allocator]
static MIMALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut criterion = criterion::Criterion::default().configure_from_args();
    step::steps(&mut criterion);
    criterion.final_summary();
}
