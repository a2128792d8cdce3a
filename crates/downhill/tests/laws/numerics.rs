//! What rounding, NaN, zeros and tiny numbers may do.

use crate::common::{Walk, configure, difference, everything, gradients, is_wrapped_in, layout, noise, widen};
use downhill::{Need, Real};
use serde_json::Value;

fn walk<R: Real>(table: &Value, lr: f64) -> Walk<R> {
    Walk::new(table, &layout(), &noise(0, layout().len()), lr)
}

/// Rounding in f32 is 6e-8 a step and the path is at most about 1000 lr = 1 long: 1e-4 leaves a factor of 2 for
/// errors that add up all in one direction, and is far below what a wrong coefficient would do. Methods that search
/// take steps of any length, and decide by comparing: `line_search.rs` has a law for them, `precision.rs` one for a
/// single step of all.
#[test]
fn f32_follows_f64() {
    let searches = |table: &Value| configure(table).needs().contains(&Need::FullBatch);
    for table in everything().into_iter().filter(|table| !searches(table)) {
        let g = gradients(1000, layout().len());
        let (narrow, wide) = (walk::<f32>(&table, 1e-3).along(&g), walk::<f64>(&table, 1e-3).along(&g));
        let drift = difference(&widen(&wide.x), &widen(&narrow.x));
        assert!(drift < 1e-4, "{table}: {drift:e}");
    }
}

#[test]
fn a_nan_in_the_gradient_reaches_its_parameter() {
    // To keep it from there is what `nan-guard` is for.
    for table in everything().into_iter().filter(|t| !is_wrapped_in(t, &["nan-guard"])) {
        for at in [0, 5, layout().len() - 1] {
            let mut walk = walk::<f32>(&table, 1e-3).along(&gradients(3, layout().len()));
            let mut g = noise(9, layout().len());
            g[at] = f64::NAN;
            walk.step(&g);
            assert!(walk.x[at].is_nan(), "{table}: parameter {at} is {} after a NaN", walk.x[at]);
            walk.step(&noise(10, layout().len()));
            assert!(walk.x[at].is_nan(), "{table}: parameter {at} recovered to {}", walk.x[at]);
        }
    }
}

#[test]
fn the_state_advances_at_a_rate_of_zero() {
    for table in everything() {
        // Warm, too: where the rate stands inside a buffer, an empty one stays empty.
        let stands = |warm_up| {
            let mut still = walk::<f32>(&table, 1e-3).along(&gradients(warm_up, layout().len()));
            still.lr = 0.0;
            let before = still.save();
            before.iter().count() > 0 && still.along(&gradients(5, layout().len())).save() == before
        };
        assert!(!stands(0) || !stands(3), "{table}: the state stood still");
    }
}

#[test]
fn zero_gradients_never_give_nan() {
    for table in everything() {
        let n = layout().len();
        let zeros = vec![vec![0.0; n]; 200];
        for warm_up in [0, 3] {
            let end = walk::<f32>(&table, 1e-3).along(&gradients(warm_up, n)).along(&zeros);
            assert!(end.x.iter().all(|x| x.is_finite()), "{table}: {:?}", end.x);
        }
    }
}

/// 1e-40 is below the normal numbers of f32, and its square is 0. Whoever measures by the first gradient may take
/// steps that f32 cannot hold, if they are so in f64.
#[test]
fn tiny_and_huge_gradients_stay_finite() {
    for table in everything() {
        let n = layout().len();
        for size in [1e-40, 1e-20, 1e15] {
            let g: Vec<_> = (0..100).map(|t| if t % 10 == 9 { noise(t, n) } else { vec![size; n] }).collect();
            let (end, wide) = (walk::<f32>(&table, 1e-6).along(&g), walk::<f64>(&table, 1e-6).along(&g));
            let holds = wide.x.iter().all(|x| x.abs() < f64::from(f32::MAX));
            assert!(!holds || end.x.iter().all(|x| x.is_finite()), "{table}, gradients of {size:e}: {:?}", end.x);
        }
    }
}

/// After 2000 steps a mean of squares and the square of a mean differ by rounding alone, for a third of all gradients
/// in the wrong direction. (Matrices have no variance.)
#[test]
fn a_constant_gradient_leaves_no_negative_variance() {
    let matrices = |table: &Value| configure(table).needs().contains(&Need::Matrices);
    for table in everything().into_iter().filter(|table| !matrices(table)) {
        let end = walk::<f32>(&table, 1e-6).along(&vec![noise(3, layout().len()); 2000]);
        assert!(end.x.iter().all(|x| !x.is_nan()), "{table}");
    }
}

#[test]
fn the_sign_and_the_extremes_of_reals() {
    assert_eq!([-2.0f64, -0.0, 0.0, 3.0].map(Real::sign), [-1.0, 0.0, 0.0, 1.0]);
    assert!(Real::sign(f64::NAN).is_nan());
    for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
        assert!(a.larger(b).is_nan() && a.smaller(b).is_nan());
    }
}

/// Over all exponents; what is no number stays, and next to nothing is nothing.
#[test]
fn a_cube_root_is_right_to_the_last_places() {
    for k in -3000..=3000 {
        let x = 1.0123 * 2f64.powf(f64::from(k) / 3.0);
        let wide = libm::cbrt(x);
        assert!((Real::cbrt(x) - wide).abs() <= 4.0 * f64::EPSILON * wide, "{x:e}");
        let narrow = x as f32;
        if narrow.is_finite() && narrow > 1e-36 {
            let (root, exact) = (Real::cbrt(narrow), libm::cbrt(f64::from(narrow)));
            assert!((f64::from(root) - exact).abs() <= 4.0 * f64::from(f32::EPSILON) * exact, "{narrow:e}");
        }
    }
    assert_eq!([Real::cbrt(0.0f32), Real::cbrt(1e-45f32), Real::cbrt(f32::INFINITY)], [0.0, 0.0, f32::INFINITY]);
    assert_eq!([Real::cbrt(0.0f64), Real::cbrt(1e-310f64), Real::cbrt(f64::INFINITY)], [0.0, 0.0, f64::INFINITY]);
    assert!(Real::cbrt(f32::NAN).is_nan() && Real::cbrt(f64::NAN).is_nan());
}
