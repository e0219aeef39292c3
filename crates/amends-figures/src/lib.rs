//! Questions and their answers: one folder per question, each with its answer, its SQL, its estimator and its tests.
//!
//! Extraction runs on DataFusion through `amends-query`; what is folded over the extracted streams is pure.

pub mod customer_math;
