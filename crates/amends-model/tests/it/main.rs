//! What must hold of the nouns for any value, and the shapes that others rely on.

mod columns;
mod figures;
mod ids;
mod money;
mod periods;
mod problems;
mod states;
mod stretches;
mod times;
mod waits;
