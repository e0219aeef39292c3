//! Functions of our own, beside DataFusion's.

mod customer_of;
mod hash64;

use datafusion::prelude::SessionContext;

use crate::tables::customers::Customers;

/// Registers them.
pub(crate) fn register(context: &SessionContext, customers: &Customers) {
    context.register_udf(hash64::function());
    for function in customer_of::functions(customers) {
        context.register_udf(function);
    }
}
