//! What was drawn once is drawn again: results of committed studies stand on it.

use crate::cases::{Case, case, cases};
use downhill_problems::{Families, Part, Scratch};
use serde_json::json;

#[test]
fn instances_stay_what_they_are() {
    for (table, loss) in [
        (json!({ "name": "quadratic" }), 11.688441243372235),
        (json!({ "name": "quadratic", "spectrum": "deep", "instance": 1 }), 2.890225218761879),
        (json!({ "name": "valley", "start": "random" }), 22691.476107505056),
        (json!({ "name": "saddles" }), 0.7298531227361355),
        (json!({ "name": "finite-sum" }), 0.29672826133253855),
        (json!({ "name": "finite-sum", "loss": "cauchy" }), 0.3162053993510542),
        (json!({ "name": "finite-sum", "loss": "logistic" }), 0.5796336103288174),
        (json!({ "name": "lasso" }), 15.73762024303536),
        (json!({ "name": "bag" }), 0.6905899137323764),
        (json!({ "name": "quadratic-deep" }), 353.81275177112104),
        (json!({ "name": "two-d-branin" }), 95.7164682234939),
    ] {
        let case = case(&Families::builtin(), table);
        let problem = case.build::<f64>();
        let found = problem.measure(&case.start(&*problem, 0), Part::Validation, &mut Scratch::new()).loss;
        assert!((found - loss).abs() <= 1e-12 * loss, "{}: {found:?}, not {loss}", case.table);
    }
}

#[test]
fn instances_differ() {
    // Blocks of 1 turn nothing, and some families draw no more than the frame.
    let is_drawn = |case: &Case| case.family.hypers.iter().any(|h| h.name == "instance") && case.table["block"] != 1;
    let drawn: Vec<_> = cases().into_iter().filter(is_drawn).collect();
    assert!(drawn.len() >= 20);
    for one in drawn {
        let mut table = one.table.clone();
        table["instance"] = json!(17);
        let other = case(&Families::builtin(), table);
        let x = &one.points(&*one.build::<f64>(), 1)[0];
        let loss = |case: &Case| case.build::<f64>().measure(x, Part::Train, &mut Scratch::new()).loss;
        assert_ne!(loss(&one), loss(&other), "{}", one.table);
    }
}
