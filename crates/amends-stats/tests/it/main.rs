//! Estimators on real data.

mod olist;
