//! Subgroup discovery: in which part of the business a promise breaks more often than elsewhere.
//!
//! A subgroup is what one, two or three values of different attributes select. Its quality is `(n/N)^a (p - p0)`: how large it is, and how much
//! more often it is hit than all are; with `a = 1` the weighted relative accuracy. W. Klösgen, "Explora: A Multipattern and Multistrategy Discovery
//! Assistant" (1996); F. Herrera et al., "An overview on subgroup discovery", Knowledge and Information Systems 29 (2011). The search goes by beam: all
//! single values first, and then, depth by depth, everything that narrows one of the best.
//!
//! What is found describes and does not prove a cause, and of thousands of groups some are striking by chance: so every one comes with the chance of
//! such an excess ([`significance`]), and how many were looked at is told.

mod clusters;
mod places;
mod search;
pub mod significance;
mod stretch;
mod table;

pub use clusters::Clusters;
pub use places::{Place, Places, Pruning};
pub use search::{Found, Search, Subgroup};
pub use table::{Attribute, Selector, Table};
