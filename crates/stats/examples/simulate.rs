//! How often the intervals cover, how often equals are called different, how often differences are seen: by drawing
//! samples whose truth is known. `cargo run -p downhill-stats --example simulate` prints the tables of
//! `crates/stats/README.md`, in two minutes; `tests/simulation.rs` holds them to their bounds with fewer draws.

#[path = "../tests/worlds/mod.rs"]
mod worlds;

fn main() {
    print!("{}", worlds::page(4000));
}
