//! `/activation`, `/me/password`: what people do to their own accounts; `/accounts`: what administrators do to others'.

mod accounts;
mod activation;
mod acts;
mod password;
mod weigh;

use utoipa_axum::router::OpenApiRouter;

use crate::caller::PlatformState;

pub fn routes() -> OpenApiRouter<PlatformState> {
    password::routes().merge(activation::routes()).merge(accounts::routes()).merge(acts::routes())
}
