//! Functions of our own, beside DataFusion's.

mod hash64;

use datafusion::prelude::SessionContext;

/// Registers them.
pub(crate) fn register(context: &SessionContext) {
    context.register_udf(hash64::function());
}
