//! Products of matrices that lie within larger tensors.
//!
//! Flex multiplies whole tensors. Here the matrices of one head are multiplied where they lie, and the result is written to where
//! it is wanted, so nothing is copied. The `gemm` crate, which Flex uses as well, takes pointers and strides for that.
#![allow(unsafe_code)]

use std::ops::Range;

use gemm::{Parallelism, gemm};

/// Products of numbers from which on more threads are worth it.
const LARGE: usize = 192 * 192 * 192;

/// A matrix in some elements: from the first on, rows and columns are so far apart.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    elements: &'a [f32],
    size: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// # Panics
    ///
    /// If the last element lies behind all elements.
    pub(crate) fn new(elements: &'a [f32], size: [usize; 2], strides: [usize; 2]) -> Self {
        assert!(fits(elements.len(), size, strides), "a matrix of {size:?} by {strides:?} is too large");
        Self { elements, size, strides }
    }

    /// Its rows, if the elements of each lie beside each other.
    pub(crate) fn lines(self) -> Option<impl Fn(usize) -> &'a [f32]> {
        let Self { elements, size: [_, columns], strides: [down, along] } = self;
        (along == 1).then_some(move |row: usize| &elements[row * down..row * down + columns])
    }

    /// Copies the elements of a row from a column on.
    pub(crate) fn copy_row(self, row: usize, column: usize, to: &mut [f32]) {
        let Self { elements, strides: [down, along], .. } = self;
        let first = row * down + column * along;
        to.iter_mut().enumerate().for_each(|(index, to)| *to = elements[first + index * along]);
    }

    /// Some of its columns.
    pub(crate) fn columns(self, columns: Range<usize>) -> Self {
        let Self { elements, size: [rows, _], strides } = self;
        Self::new(&elements[columns.start * strides[1]..], [rows, columns.len()], strides)
    }

    pub(crate) fn transposed(self) -> Self {
        let Self { elements, size: [rows, columns], strides: [down, along] } = self;
        Self { elements, size: [columns, rows], strides: [along, down] }
    }
}

/// A matrix that is written: its rows are so far apart, and the elements of each lie beside each other.
pub(crate) struct MatrixMut<'a> {
    elements: &'a mut [f32],
    size: [usize; 2],
    stride: usize,
}

impl<'a> MatrixMut<'a> {
    /// # Panics
    ///
    /// If the last element lies behind all elements, or rows overlap.
    pub(crate) fn new(elements: &'a mut [f32], size: [usize; 2], stride: usize) -> Self {
        assert!(fits(elements.len(), size, [stride, 1]), "a matrix of {size:?} by {stride} is too large");
        assert!(stride >= size[1] || size[0] < 2, "rows of {} overlap at {stride}", size[1]);
        Self { elements, size, stride }
    }

    /// The elements of its only row.
    ///
    /// # Panics
    ///
    /// If there are several.
    pub(crate) fn into_elements(self) -> &'a mut [f32] {
        assert_eq!(self.size[0], 1, "there is one row");
        &mut self.elements[..self.size[1]]
    }

    /// Writes `scale a b`.
    ///
    /// # Panics
    ///
    /// If the sizes are not those of a product.
    pub(crate) fn product(self, a: Matrix<'_>, b: Matrix<'_>, scale: f32) {
        self.compute([a, b], scale, false, Parallelism::None);
    }

    /// Adds `a b` to what is there.
    ///
    /// # Panics
    ///
    /// If the sizes are not those of a product.
    pub(crate) fn add_small(self, a: Matrix<'_>, b: Matrix<'_>) {
        self.compute([a, b], 1.0, true, Parallelism::None);
    }

    /// Adds `a b` to what is there, on all threads if it is large.
    ///
    /// # Panics
    ///
    /// If the sizes are not those of a product.
    pub(crate) fn add_product(self, a: Matrix<'_>, b: Matrix<'_>) {
        let parallelism = threads(a, b);
        self.compute([a, b], 1.0, true, parallelism);
    }

    fn compute(self, [a, b]: [Matrix<'_>; 2], scale: f32, adds: bool, parallelism: Parallelism) {
        let [rows, columns] = size_of_product(a, b);
        assert!(self.size == [rows, columns], "{:?} is no {:?} by {:?}", self.size, a.size, b.size);
        let to = self.elements.as_mut_ptr();
        // SAFETY: the matrix was checked to lie within its slice, whose elements are initialised, and no rows of it overlap. The
        // slice is borrowed exclusively for as long as this takes.
        unsafe { multiply(to, self.stride, [a, b], scale, adds, parallelism) };
    }
}

/// `a b`, on all threads if it is large. Nothing is written before the product is.
///
/// # Panics
///
/// If the sizes are not those of a product.
pub(crate) fn new_product(a: Matrix<'_>, b: Matrix<'_>) -> Vec<f32> {
    let [rows, columns] = size_of_product(a, b);
    let count = rows.checked_mul(columns).expect("a product fits into memory");
    if count * a.size[1] == 0 {
        return vec![0.0; count];
    }
    let mut output = Vec::with_capacity(count);
    // SAFETY: there is room for all rows, one behind the other, and nobody else knows of it. All of it is written, and nothing
    // is read before, as it is not added to; so all elements are initialised afterwards.
    unsafe {
        multiply(output.as_mut_ptr(), columns, [a, b], 1.0, false, threads(a, b));
        output.set_len(count);
    }
    output
}

/// Rows and columns of a product.
///
/// # Panics
///
/// If there is none of these sizes.
fn size_of_product(a: Matrix<'_>, b: Matrix<'_>) -> [usize; 2] {
    let ([rows, inner], [below, columns]) = (a.size, b.size);
    assert!(inner == below, "there is no product of {:?} and {:?}", a.size, b.size);
    [rows, columns]
}

/// Writes `scale a b` to rows that are `stride` apart, or adds it to them.
///
/// # Safety
///
/// `to` leads to room for all elements of the product, at those places, to which nobody else refers. Rows don't overlap. If it is
/// added to them, they are initialised.
unsafe fn multiply(
    to: *mut f32,
    stride: usize,
    [a, b]: [Matrix<'_>; 2],
    scale: f32,
    adds: bool,
    parallelism: Parallelism,
) {
    let ([rows, inner], [_, columns]) = (a.size, b.size);
    let strides = |[down, along]: [usize; 2]| [down as isize, along as isize];
    let [to_down, to_along] = strides([stride, 1]);
    let [a_down, a_along] = strides(a.strides);
    let [b_down, b_along] = strides(b.strides);
    // SAFETY: `gemm` reads the elements of `a` and `b` at the places that sizes and strides say, and writes `to`, as the caller
    // grants. Both matrices were checked to lie within their slices, which are borrowed for as long as this takes.
    unsafe {
        gemm(
            rows,
            columns,
            inner,
            to,
            to_along,
            to_down,
            adds,
            a.elements.as_ptr(),
            a_along,
            a_down,
            b.elements.as_ptr(),
            b_along,
            b_down,
            1.0, // what was there, if it is added to
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// On how many threads a product is computed.
fn threads(a: Matrix<'_>, b: Matrix<'_>) -> Parallelism {
    let work = a.size[0].saturating_mul(a.size[1]).saturating_mul(b.size[1]);
    if work < LARGE { Parallelism::None } else { Parallelism::Rayon(0) }
}

/// Whether a matrix lies within so many elements.
fn fits(elements: usize, [rows, columns]: [usize; 2], [down, along]: [usize; 2]) -> bool {
    let last =
        |count: usize, stride: usize| count.checked_sub(1).map_or(Some(0), |last| last.checked_mul(stride));
    let place = last(rows, down).zip(last(columns, along)).and_then(|(down, along)| down.checked_add(along));
    rows == 0 || columns == 0 || place.is_some_and(|place| place < elements && place < isize::MAX as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two heads of three positions lie side by side; of one of them, queries by transposed keys.
    #[test]
    fn matrices_are_multiplied_where_they_lie() {
        let numbers: Vec<f32> = (0..30).map(|n| (n % 11) as f32).collect();
        let at = |row: usize, column: usize| numbers[5 + row * 10 + column];
        let matrix = Matrix::new(&numbers[5..], [3, 5], [10, 1]);
        let mut found = vec![-1.0; 12];
        MatrixMut::new(&mut found, [3, 3], 4).product(matrix, matrix.transposed(), 0.5);
        for row in 0..3 {
            for column in 0..3 {
                let expected: f32 = (0..5).map(|inner| 0.5 * at(row, inner) * at(column, inner)).sum();
                assert_eq!(found[row * 4 + column], expected);
            }
            assert_eq!(found[row * 4 + 3], -1.0, "what lies between rows stays");
        }
    }

    #[test]
    fn a_new_product_is_that_of_each_row_and_column() {
        for [rows, inner, columns] in
            [[1, 1, 1], [3, 0, 5], [0, 3, 5], [7, 5, 3], [1, 193, 197], [211, 193, 1], [211, 193, 197]]
        {
            let number = |n: usize| (n % 7) as f32 - 3.0;
            let [a, b]: [Vec<f32>; 2] = [rows, columns].map(|n| (0..n * inner).map(number).collect());
            let of_a = Matrix::new(&a, [rows, inner], [inner, 1]);
            let found = new_product(of_a, Matrix::new(&b, [inner, columns], [1, inner]));
            let expected = (0..rows * columns).map(|n| {
                let (row, column) = (n / columns, n % columns);
                (0..inner).map(|k| a[row * inner + k] * b[column * inner + k]).sum::<f32>()
            });
            assert!(found.into_iter().eq(expected), "{rows} x {inner} x {columns}");
        }
    }

    #[test]
    #[should_panic(expected = "no product")]
    fn what_does_not_fit_has_no_product() {
        let matrix = Matrix::new(&[0.0; 6], [2, 3], [3, 1]);
        let _ = new_product(matrix, matrix);
    }

    #[test]
    #[should_panic(expected = "too large")]
    fn no_matrix_ends_behind_its_elements() {
        let _ = Matrix::new(&[0.0; 29], [3, 10], [10, 1]);
    }

    #[test]
    #[should_panic(expected = "overlap")]
    fn no_rows_overlap_where_they_are_written() {
        let _ = MatrixMut::new(&mut [0.0; 30], [3, 10], 9);
    }
}
