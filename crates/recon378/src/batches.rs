//! The forms in which a host hands over a source.

use arrow_array::RecordBatch;

/// A source in memory: one batch, or several with the same columns in the order of their rows.
///
/// Sealed: a slice, an array or a `Vec` of batches and a single batch are all there is.
pub trait Batches: sealed::Sealed {
    /// The batches, in the order of their rows.
    fn batches(&self) -> &[RecordBatch];
}

impl Batches for RecordBatch {
    fn batches(&self) -> &[RecordBatch] {
        std::slice::from_ref(self)
    }
}

impl Batches for [RecordBatch] {
    fn batches(&self) -> &[RecordBatch] {
        self
    }
}

impl<const N: usize> Batches for [RecordBatch; N] {
    fn batches(&self) -> &[RecordBatch] {
        self
    }
}

impl Batches for Vec<RecordBatch> {
    fn batches(&self) -> &[RecordBatch] {
        self
    }
}

mod sealed {
    use arrow_array::RecordBatch;

    #[expect(unnameable_types, reason = "sealed: outside implementations would be breaking to change")]
    pub trait Sealed {}
    impl Sealed for RecordBatch {}
    impl Sealed for [RecordBatch] {}
    impl<const N: usize> Sealed for [RecordBatch; N] {}
    impl Sealed for Vec<RecordBatch> {}
}
