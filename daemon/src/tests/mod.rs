//! Against a real PostgreSQL: the one that MRR_TEST_DATABASE_URL names, where pg_mrr is installed.
//! Without the variable these tests print a note and pass.

mod database;
mod deriving;
mod disturbances;
mod dividing;
mod fake;
mod following;
mod forgetting;
mod hooking;
mod landing;
mod linking;
mod meanwhile;
mod migrating;
mod operating;
mod pushing;
mod scheduling;
mod standing;
mod watching;
