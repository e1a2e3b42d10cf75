//! Hot loops on slices; the only place where unsafe may appear.
