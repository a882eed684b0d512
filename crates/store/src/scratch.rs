//! Databases for a while: for benchmarks and tests, gone when they are over.

use crate::{Db, Durability, Options, Read, Sql, StoreError};

/// Makes an empty database on the PostgreSQL server that `server` names, in place of one of that name, and gives its address.
/// `name` is lower-case letters, digits and underscores.
pub async fn create(server: &str, name: &str) -> Result<String, StoreError> {
    on_server(server, [format!("drop database if exists {name}"), format!("create database {name}")]).await?;
    Ok(address(server, name))
}

/// Removes a database, whoever is connected to it.
pub async fn remove(server: &str, name: &str) -> Result<(), StoreError> {
    on_server(server, [format!("drop database if exists {name} with (force)")]).await
}

async fn on_server(server: &str, statements: impl IntoIterator<Item = String>) -> Result<(), StoreError> {
    let one = Options { connections: 1, durability: Durability::ProcessOnly, ..Options::default() };
    let admin = Db::open(server, one).await?;
    for statement in statements {
        let _: Vec<()> = (&mut &admin).all(Sql::composed(statement).uncached()).await?;
    }
    admin.close().await;
    Ok(())
}

/// The address of a database on the server.
pub fn address(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(address, query)| (address, Some(query)));
    let cut = address.rfind('/').filter(|cut| !address[..*cut].ends_with('/')).unwrap_or(address.len());
    let base = &address[..cut];
    match query {
        Some(query) => format!("{base}/{name}?{query}"),
        None => format!("{base}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_another_database_on_the_same_server() {
        let cases = [
            ("postgres://a:b@h:1/postgres", "postgres://a:b@h:1/x"),
            ("postgres://a:b@h:1", "postgres://a:b@h:1/x"),
            ("postgres://h/p?sslmode=disable", "postgres://h/x?sslmode=disable"),
        ];
        for (server, expected) in cases {
            assert_eq!(address(server, "x"), expected);
        }
    }
}
