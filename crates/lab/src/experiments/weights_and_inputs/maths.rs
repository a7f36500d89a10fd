//! A linear regression and its gradients, in pencil-and-paper arithmetic.

use serde::{Deserialize, Serialize};

/// Two numbers: the weights, or an example.
pub(super) type Pair = [f64; 2];

/// Examples, and a prediction `x w + b` of each target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Regression {
    /// An example a row.
    #[serde(rename = "X")]
    pub(super) x: Vec<Pair>,
    /// Their targets.
    pub(super) y: Vec<f64>,
    /// A weight for each column.
    pub(super) w: Pair,
    /// Added to every prediction.
    pub(super) b: f64,
}

/// How the loss changes with each number that goes into it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gradients {
    pub(super) dw: Pair,
    pub(super) db: f64,
    #[serde(rename = "dX")]
    pub(super) dx: Vec<Pair>,
    pub(super) dy: Vec<f64>,
}

impl Gradients {
    /// Each gradient's name and numbers.
    pub(super) fn named(&self) -> [(&'static str, Vec<f64>); 4] {
        let dx = self.dx.iter().flatten().copied().collect();
        [("dw", self.dw.to_vec()), ("db", vec![self.db]), ("dX", dx), ("dy", self.dy.clone())]
    }
}

pub(super) fn dot(a: Pair, b: Pair) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

impl Regression {
    fn count(&self) -> f64 {
        self.x.len() as f64
    }

    /// What is missing to each target: `r = y - X w - b`.
    pub(super) fn residuals(&self) -> Vec<f64> {
        self.x.iter().zip(&self.y).map(|(&x, y)| y - dot(x, self.w) - self.b).collect()
    }

    /// The mean of the squared residuals.
    pub(super) fn loss(&self) -> f64 {
        self.residuals().iter().map(|r| r * r).sum::<f64>() / self.count()
    }

    /// The gradients by their formulas.
    pub(super) fn gradients(&self) -> Gradients {
        let (residuals, factor) = (self.residuals(), 2.0 / self.count());
        let column = |c: usize| self.x.iter().zip(&residuals).map(|(x, r)| x[c] * r).sum::<f64>();
        Gradients {
            dw: [-factor * column(0), -factor * column(1)],
            db: -factor * residuals.iter().sum::<f64>(),
            dx: residuals.iter().map(|r| self.w.map(|w| -factor * r * w)).collect(),
            dy: residuals.iter().map(|r| factor * r).collect(),
        }
    }

    /// The gradients by changing one number at a time a little, up and down. The loss is a parabola in each of them,
    /// so nothing but rounding is lost.
    pub(super) fn finite_differences(&self) -> Gradients {
        const STEP: f64 = 1e-3;
        let slope = |change: &dyn Fn(&mut Self, f64)| {
            let at = |step: f64| {
                let mut moved = self.clone();
                change(&mut moved, step);
                moved.loss()
            };
            (at(STEP) - at(-STEP)) / (2.0 * STEP)
        };
        let rows = 0..self.x.len();
        Gradients {
            dw: [0, 1].map(|c| slope(&|moved, step| moved.w[c] += step)),
            db: slope(&|moved, step| moved.b += step),
            dx: rows.clone().map(|n| [0, 1].map(|c| slope(&|moved, step| moved.x[n][c] += step))).collect(),
            dy: rows.map(|n| slope(&|moved, step| moved.y[n] += step)).collect(),
        }
    }

    /// How the gradient changes with the weights: `(2/N) X^T X`.
    pub(super) fn hessian(&self) -> [Pair; 2] {
        let entry = |a: usize, b: usize| 2.0 / self.count() * self.x.iter().map(|x| x[a] * x[b]).sum::<f64>();
        [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
    }

    /// The weights of the lowest loss, `b` being what it is: where the gradient is zero.
    pub(super) fn lowest(&self) -> Pair {
        let [[a, b], [_, c]] = self.hessian();
        let g = self.gradients().dw;
        let determinant = a * c - b * b;
        [self.w[0] - (c * g[0] - b * g[1]) / determinant, self.w[1] - (a * g[1] - b * g[0]) / determinant]
    }

    /// Gradient descent over the weights: where it begins, and each place that it comes to.
    pub(super) fn descent_over_weights(&self, rate: f64, steps: usize) -> Vec<Pair> {
        let mut here = self.clone();
        self.path(steps, self.w, |w| {
            here.w = w;
            let g = here.gradients().dw;
            [w[0] - rate * g[0], w[1] - rate * g[1]]
        })
    }

    /// Gradient descent over an example's numbers, as if they could be chosen. The weights stay.
    pub(super) fn descent_over_input(&self, row: usize, rate: f64, steps: usize) -> Vec<Pair> {
        let mut here = self.clone();
        self.path(steps, self.x[row], |x| {
            here.x[row] = x;
            let g = here.gradients().dx[row];
            [x[0] - rate * g[0], x[1] - rate * g[1]]
        })
    }

    fn path(&self, steps: usize, from: Pair, step: impl FnMut(Pair) -> Pair) -> Vec<Pair> {
        let mut step = step;
        std::iter::successors(Some(from), |&here| Some(step(here))).take(steps + 1).collect()
    }

    /// Where the descent over the weights is after so many steps by the formula: what separates it from the lowest
    /// point has been multiplied by `I - rate H` each time.
    pub(super) fn predicted(&self, rate: f64, steps: usize) -> Pair {
        let (lowest, h) = (self.lowest(), self.hessian());
        let mut off = [self.w[0] - lowest[0], self.w[1] - lowest[1]];
        for _ in 0..steps {
            off = [off[0] - rate * dot(h[0], off), off[1] - rate * dot(h[1], off)];
        }
        [lowest[0] + off[0], lowest[1] + off[1]]
    }
}

/// The eigenvalues of a symmetric matrix, the greater one first.
pub(super) fn eigenvalues([[a, b], [_, c]]: [Pair; 2]) -> Pair {
    let (middle, half) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b));
    [middle + half, middle - half]
}

/// The singular values of a matrix of two columns, the greater one first. The second comes from the area that the
/// columns span, since subtracting eigenvalues would leave nothing but rounding of one that is almost zero.
pub(super) fn singular_values(rows: &[Pair]) -> Pair {
    let product = |a: usize, b: usize| rows.iter().map(|row| row[a] * row[b]).sum::<f64>();
    let gram = [[product(0, 0), product(0, 1)], [product(1, 0), product(1, 1)]];
    let pairs = rows.iter().enumerate().flat_map(|(n, &a)| rows[..n].iter().map(move |&b| (a, b)));
    let area = pairs.map(|(a, b)| (a[0] * b[1] - a[1] * b[0]).powi(2)).sum::<f64>().sqrt();
    let greater = eigenvalues(gram)[0].max(0.0).sqrt();
    [greater, if greater > 0.0 { area / greater } else { 0.0 }]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out by hand: r = (1, -1), N = 2.
    fn small() -> Regression {
        Regression { x: vec![[1.0, 2.0], [3.0, -1.0]], y: vec![4.0, 1.0], w: [1.0, 1.0], b: 0.0 }
    }

    #[test]
    fn formulas_give_what_a_pencil_gives() {
        let small = small();
        assert_eq!((small.residuals(), small.loss()), (vec![1.0, -1.0], 1.0));
        let expected =
            Gradients { dw: [2.0, -3.0], db: 0.0, dx: vec![[-1.0, -1.0], [1.0, 1.0]], dy: vec![1.0, -1.0] };
        assert_eq!(small.gradients(), expected);
        assert_eq!(small.hessian(), [[10.0, -1.0], [-1.0, 5.0]]);
    }

    #[test]
    fn small_changes_give_what_formulas_give() {
        let (formulas, changes) = (small().gradients().named(), small().finite_differences().named());
        for ((name, a), (_, b)) in formulas.into_iter().zip(changes) {
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-11), "{name}: {a:?} {b:?}");
        }
    }

    #[test]
    fn the_lowest_point_has_no_slope_and_descent_comes_to_it() {
        let lowest = Regression { w: small().lowest(), ..small() };
        assert!(lowest.gradients().dw.iter().all(|g| g.abs() < 1e-12));
        let end = small().descent_over_weights(0.1, 200)[200];
        assert!((end[0] - lowest.w[0]).abs() + (end[1] - lowest.w[1]).abs() < 1e-9, "{end:?} {:?}", lowest.w);
    }

    #[test]
    fn singular_values_tell_the_rank() {
        let [a, b] = singular_values(&[[3.0, 0.0], [0.0, -4.0], [0.0, 0.0]]);
        assert!((a - 4.0).abs() < 1e-12 && (b - 3.0).abs() < 1e-12, "{a} {b}");
        let [a, b] = singular_values(&[[1.0, 2.0], [-2.0, -4.0], [0.5, 1.0]]);
        assert!(a > 5.0 && b == 0.0, "{a} {b}");
        assert_eq!(singular_values(&[[0.0, 0.0]]), [0.0, 0.0]);
        assert_eq!(eigenvalues([[2.0, 1.0], [1.0, 2.0]]), [3.0, 1.0]);
    }
}
