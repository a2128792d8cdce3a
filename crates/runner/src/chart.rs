//! A curve in the terminal, drawn in text.

use crate::record::Point;

const WIDTH: usize = 64;
const HEIGHT: usize = 14;

/// Training and validation loss over steps, as lines of text; loss on a logarithmic axis where it is positive.
pub(crate) fn chart(curve: &[Point], total: u64) -> Vec<String> {
    type Series = (char, fn(&Point) -> f64);
    let all: [Series; 2] = [('o', |p| p.validation_loss), ('*', |p| p.train_loss)];
    // A plain function has one part.
    let parts = curve.iter().any(|p| p.validation_loss != p.train_loss);
    let series = if parts { &all[..] } else { &all[1..] };
    let values = || series.iter().flat_map(|(_, f)| curve.iter().map(f)).filter(|x| x.is_finite());
    let logarithmic = values().all(|x| x > 0.0);
    let height = |x: f64| if logarithmic { x.log10() } else { x };
    let (low, high) = values().map(height).fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
    if low > high {
        return vec!["no finite loss yet".into()];
    }
    let span = if high > low { high - low } else { 1.0 };
    let mut cells = vec![[' '; WIDTH]; HEIGHT];
    for &(mark, f) in series {
        for point in curve.iter().filter(|p| f(p).is_finite()) {
            let column = (point.step as f64 / total.max(1) as f64 * (WIDTH - 1) as f64).round() as usize;
            let row = ((high - height(f(point))) / span * (HEIGHT - 1) as f64).round() as usize;
            cells[row.min(HEIGHT - 1)][column.min(WIDTH - 1)] = mark;
        }
    }
    let label = |row: usize| {
        let at = high - span * row as f64 / (HEIGHT - 1) as f64;
        let x = if logarithmic { 10f64.powf(at) } else { at };
        if row.is_multiple_of(4) || row == HEIGHT - 1 { format!("{x:9.3e}") } else { " ".repeat(9) }
    };
    let mut lines: Vec<String> =
        cells.iter().enumerate().map(|(row, cells)| format!("{} |{}", label(row), String::from_iter(cells))).collect();
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines.push(format!("{}+{}", " ".repeat(10), "-".repeat(WIDTH)));
    let end = format!("{total} steps");
    lines.push(format!("{}0{end:>1$}", " ".repeat(11), WIDTH - 1));
    let legend = if parts { "* training loss   o validation loss" } else { "* loss" };
    lines.push(format!("{}{legend}", " ".repeat(11)));
    lines
}
