//! What `downhill recommend` finds: entrants of a [race](crate::race), and the answer in words, with the study and the
//! code that go with it.

mod answer;
mod entrants;
mod snippet;

pub use answer::{Answer, Place, settled};
pub use entrants::{Entrant, Question, entrants};
pub use snippet::{for_burn, for_downhill};
