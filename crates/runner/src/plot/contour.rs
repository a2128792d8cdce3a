//! Lines of equal height, by marching squares.

use std::collections::HashMap;

/// Heights on a grid of `n` by `n` points over the unit square, row by row from below.
pub(super) struct Heights {
    n: usize,
    z: Vec<f64>,
}

/// An edge of the grid: from a point to its neighbour to the right, or above.
type Edge = (usize, bool);

impl Heights {
    /// Of a function of two shares.
    pub(super) fn of(n: usize, f: impl Fn(f64, f64) -> f64) -> Self {
        let share = |i: usize| i as f64 / (n - 1) as f64;
        Heights { n, z: (0..n * n).map(|i| f(share(i % n), share(i / n))).collect() }
    }

    /// Heights that part the ground into equal areas.
    pub(super) fn levels(&self, count: usize) -> Vec<f64> {
        let level = |i| crate::stats::quantile(self.z.iter().copied(), (i as f64 + 0.5) / count as f64);
        (0..count).map(level).collect()
    }

    /// The lines at one height, as shares.
    pub(super) fn lines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut links: HashMap<Edge, Vec<Edge>> = HashMap::new();
        let mut order: Vec<Edge> = Vec::new();
        for j in 0..self.n - 1 {
            for i in 0..self.n - 1 {
                for (a, b) in self.crossings(j * self.n + i, level) {
                    for (from, to) in [(a, b), (b, a)] {
                        links.entry(from).or_default().push(to);
                        order.push(from);
                    }
                }
            }
        }
        // Open lines are followed from their ends; what is left is closed.
        order.sort_by_key(|e| links[e].len());
        let mut lines = Vec::new();
        for start in order {
            while let Some(line) = follow(start, &mut links) {
                lines.push(line.into_iter().map(|edge| self.crossing(edge, level)).collect());
            }
        }
        lines
    }

    /// The pairs of edges of a square between which a line runs.
    fn crossings(&self, corner: usize, level: f64) -> Vec<(Edge, Edge)> {
        let (right, above) = (corner + 1, corner + self.n);
        let sides = [((corner, false), corner, right), ((right, true), right, above + 1)]
            .into_iter()
            .chain([((above, false), above, above + 1), ((corner, true), corner, above)]);
        let over = |i: usize| self.z[i] > level;
        let crossed: Vec<Edge> = sides.filter(|&(_, a, b)| over(a) != over(b)).map(|(e, ..)| e).collect();
        match crossed[..] {
            [a, b] => vec![(a, b)],
            // A saddle: either way is right.
            [a, b, c, d] => vec![(a, b), (c, d)],
            _ => Vec::new(),
        }
    }

    /// Where the level lies on an edge.
    fn crossing(&self, (from, up): Edge, level: f64) -> (f64, f64) {
        let to = if up { from + self.n } else { from + 1 };
        let t = ((level - self.z[from]) / (self.z[to] - self.z[from])).clamp(0.0, 1.0);
        let (i, j) = ((from % self.n) as f64, (from / self.n) as f64);
        let (i, j) = if up { (i, j + t) } else { (i + t, j) };
        let scale = (self.n - 1) as f64;
        (i / scale, j / scale)
    }
}

/// Takes a line out of the links, from one of its points to the end.
fn follow(start: Edge, links: &mut HashMap<Edge, Vec<Edge>>) -> Option<Vec<Edge>> {
    let mut line = vec![start];
    let mut here = start;
    while let Some(next) = links.get_mut(&here).and_then(Vec::pop) {
        if let Some(back) = links.get_mut(&next) {
            back.retain(|&e| e != here);
        }
        line.push(next);
        here = next;
    }
    (line.len() > 1).then_some(line)
}
