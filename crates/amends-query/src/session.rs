//! One session: the tables of a project at one snapshot, as of one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_identity::People;
use amends_ledger::Snapshot;
use amends_model::event::told_by;
use amends_model::{IdentifierId, Result};
use amends_project::Project;
use amends_project::definition::Promise;
use amends_promises::{Kept, Reported, Store, membership_of};
use arrow::array::RecordBatch;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use futures::{Stream, StreamExt};
use jiff::Timestamp;

use crate::error::{failed, unplannable};
use crate::functions;
use crate::plain::plain;
use crate::stored::Stored;
use crate::tables;
use crate::tables::customers::Customers;
use crate::tables::instances::{FromLedger, Instances, Replays};

/// Batches as they come.
pub type Batches = Pin<Box<dyn Stream<Item = Result<RecordBatch>> + Send>>;

/// What a session is opened over.
pub struct Opening<'a> {
    /// The project.
    pub project: Arc<Project>,
    /// The ledger's snapshot. Its files stay while the session lives.
    pub snapshot: Snapshot,
    /// Who is who at that snapshot.
    pub people: &'a Arc<People>,
    /// Plans the expressions of promises.
    pub planner: Planner,
    /// Events after this moment do not exist.
    pub as_of: Timestamp,
    /// Where instances of promises are kept.
    pub store: Store,
    /// Whether later questions will be of this moment or a later one, so that answers are worth keeping.
    pub settled: bool,
}

/// What a session is made of, wherever it comes from.
pub struct Parts {
    /// The project.
    pub project: Arc<Project>,
    /// The events, by kind.
    pub kinds: BTreeMap<String, Stored>,
    /// Who is who.
    pub customers: Customers,
    /// Where instances of promises come from.
    pub replays: Arc<dyn Replays>,
    /// How far each source has reported.
    pub watermarks: BTreeMap<String, Timestamp>,
    /// Events after this moment do not exist.
    pub as_of: Timestamp,
}

/// SQL over one snapshot. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    project: Arc<Project>,
    customers: Customers,
    kinds: Arc<BTreeMap<String, Stored>>,
    instances: Arc<Instances>,
    watermarks: Arc<BTreeMap<String, Timestamp>>,
    as_of: Timestamp,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session as of {}", self.as_of)
    }
}

impl Session {
    /// Opens a session over a snapshot. Promises are replayed when they are first asked for.
    ///
    /// # Errors
    /// `AM0803` when a table cannot be set up, such as one whose kind of event has a name that SQL cannot hold.
    pub async fn open(opening: Opening<'_>) -> Result<Self> {
        let kinds = Stored::at(&opening.snapshot);
        let customers = Customers::everybody(Arc::clone(opening.people));
        Self::over(opening, kinds, customers).await
    }

    /// Opens a session that knows some identifiers alone: the events that name one of them, and their customers. Little is read: whole are events that tell
    /// who is a customer, and changes, and of others what happened to whom.
    ///
    /// # Errors
    /// As [`Session::open`]; `AM0406` when a segment cannot be read.
    pub async fn open_of(opening: Opening<'_>, identifiers: &[IdentifierId]) -> Result<Self> {
        let customers = opening.project.customers.as_ref();
        let whole = |kind: &str| {
            let mut telling = customers.into_iter().flat_map(membership_of);
            told_by(kind) != kind || telling.any(|on| on.kind == kind)
        };
        let kinds = Stored::of(&opening.snapshot, identifiers, whole)?;
        let customers = Customers::few(opening.people, identifiers);
        Self::over(opening, kinds, customers).await
    }

    async fn over(
        opening: Opening<'_>,
        kinds: BTreeMap<String, Stored>,
        customers: Customers,
    ) -> Result<Self> {
        let watermarks = opening.snapshot.watermarks().clone();
        let replays = FromLedger {
            project: Arc::clone(&opening.project),
            snapshot: opening.snapshot,
            planner: opening.planner,
            as_of: opening.as_of,
            store: opening.store,
            settled: opening.settled,
        };
        Self::assemble(Parts {
            project: opening.project,
            kinds,
            customers,
            replays: Arc::new(replays),
            watermarks,
            as_of: opening.as_of,
        })
        .await
    }

    /// Puts a session together from its parts.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub async fn assemble(parts: Parts) -> Result<Self> {
        let context = SessionContext::new_with_config(config());
        functions::register(&context, &parts.customers);
        let session = Self {
            context,
            instances: Arc::new(Instances::new(&parts.project, parts.replays)),
            project: parts.project,
            customers: parts.customers,
            kinds: Arc::new(parts.kinds),
            watermarks: Arc::new(parts.watermarks),
            as_of: parts.as_of,
        };
        tables::register(&session)
            .await
            .map_err(|error| unplannable(error, "the tables of a session"))?;
        Ok(session)
    }

    /// The project.
    pub fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Who is who.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// The moment after which nothing exists.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// How far all sources have reported that give events of these kinds, their lags taken off. `None` where no source gives any.
    pub fn reported<'a>(&self, kinds: impl IntoIterator<Item = &'a str>) -> Option<Reported> {
        amends_promises::reported_of(&self.project, &self.watermarks, kinds)
    }

    /// How far every source has reported that decides a promise, their lags taken off, and not beyond the session's moment.
    pub fn reported_of(&self, promise: &Promise) -> Timestamp {
        amends_promises::reported_by(&self.project, &self.watermarks, promise).min(self.as_of)
    }

    /// The kinds of event that there are, and where they stand.
    pub fn kinds(&self) -> &BTreeMap<String, Stored> {
        &self.kinds
    }

    /// The instances of a promise: asked for now, if that was not done before.
    ///
    /// # Errors
    /// `AM0805` when there is no such promise; whatever keeps it from being replayed.
    pub async fn replayed(&self, promise: &str) -> Result<Arc<Kept>> {
        self.instances.of(promise).await
    }

    /// The instances of a promise, described by more properties of its opening events than its definition names: folded anew, each time that it is asked. `None` where that is not possible.
    ///
    /// # Errors
    /// As [`Session::replayed`].
    pub async fn described_by(&self, promise: &str, more: &[String]) -> Result<Option<Kept>> {
        self.instances.described_by(promise, more).await
    }

    /// Answers a query: one SELECT, everything at once.
    ///
    /// # Errors
    /// `AM0803` when it cannot be planned; `AM0804` when it fails while running; whatever a replay says.
    pub async fn sql(&self, text: &str) -> Result<Vec<RecordBatch>> {
        let frame = self.plan(text).await?;
        let batches = frame.collect().await.map_err(failed)?;
        let plain = batches.into_iter().map(plain);
        plain
            .collect::<Result<_, _>>()
            .map_err(|error| failed(error.into()))
    }

    /// Answers a query: one SELECT, batch by batch, so that a large answer need not fit in memory.
    ///
    /// # Errors
    /// `AM0803` when it cannot be planned; in the stream, `AM0804` when it fails while running.
    pub async fn stream(&self, text: &str) -> Result<Batches> {
        let frame = self.plan(text).await?;
        let batches = frame.execute_stream().await.map_err(failed)?;
        Ok(batches
            .map(|batch| {
                let batch = batch.map_err(failed)?;
                plain(batch).map_err(|error| failed(error.into()))
            })
            .boxed())
    }

    /// Whether a query can be planned against the tables of this session.
    ///
    /// # Errors
    /// `AM0803` when it cannot.
    pub async fn check(&self, text: &str) -> Result<()> {
        let frame = self.plan(text).await?;
        let plan = frame.create_physical_plan().await;
        plan.map(drop).map_err(|error| unplannable(error, text))
    }

    async fn plan(&self, text: &str) -> Result<DataFrame> {
        let only_reading = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let frame = self.context.sql_with_options(text, only_reading).await;
        frame.map_err(|error| unplannable(error, text))
    }

    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    pub(crate) fn instances(&self) -> &Arc<Instances> {
        &self.instances
    }
}

/// Text stays `Utf8` throughout, and names mean what is written, as in the expressions of definitions.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.parquet.schema_force_view_types = false;
    options.execution.time_zone = Some("UTC".into());
    config
}
