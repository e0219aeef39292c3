//! Which type each field of Parquet's own structures has, as its format defines them.
//!
//! The library that reads them takes a field for what the format says it is, whatever type the file gives it: where these differ it goes on to read at another byte than
//! whoever believes the file. It also reads lists of truth values as if they took no room. A few bytes could so announce millions of millions of values that end nowhere.
//! Other fields, of later formats, are passed over by both alike.

/// Types that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Byte,
    Number,
    Double,
    Text,
    List,
    Map,
    Struct,
    Uuid,
}

/// The type of the field to which numbers of fields lead, and that of its elements where it is a list; `None` where the format knows no such field.
pub(super) type Shape = fn(&[i64]) -> Option<(Type, Option<Type>)>;

const fn one(of: Type) -> Option<(Type, Option<Type>)> {
    Some((of, None))
}

const fn list(of: Type) -> Option<(Type, Option<Type>)> {
    Some((Type::List, Some(of)))
}

/// The fields of `FileMetaData`.
pub(super) fn footer(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1 | 3] => one(Type::Number),
        [6 | 9] => one(Type::Text),
        [2 | 4 | 5 | 7] => list(Type::Struct),
        [8] => one(Type::Struct),
        [2, of @ ..] => schema(of),
        [4, of @ ..] => rows(of),
        [5, 1 | 2] => one(Type::Text),
        [7, _] => one(Type::Struct),
        [8, of @ ..] => encryption(of),
        _ => None,
    }
}

/// `SchemaElement`.
fn schema(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1..=3 | 5..=9] => one(Type::Number),
        [4] => one(Type::Text),
        // Logical types: decimal, time, timestamp, integer, variant, geometry and geography have fields.
        [10] | [10, _] | [10, 7 | 8, 2] | [10, 7 | 8, 2, _] => one(Type::Struct),
        [10, 5, 1 | 2] | [10, 18, 2] => one(Type::Number),
        [10, 7 | 8, 1] | [10, 10, 2] => one(Type::Bool),
        [10, 10 | 16, 1] => one(Type::Byte),
        [10, 17 | 18, 1] => one(Type::Text),
        _ => None,
    }
}

/// `RowGroup`.
fn rows(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [2 | 3 | 5..=7] | [4, 1] => one(Type::Number),
        [1 | 4] => list(Type::Struct),
        [4, 2 | 3] => one(Type::Bool),
        [1, of @ ..] => column(of),
        _ => None,
    }
}

/// `ColumnChunk`.
fn column(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1 | 9] => one(Type::Text),
        [2 | 4..=7] => one(Type::Number),
        [3 | 8] | [8, 1 | 2] => one(Type::Struct),
        [8, 2, 1] => list(Type::Text),
        [8, 2, 2] => one(Type::Text),
        [3, of @ ..] => chunk(of),
        _ => None,
    }
}

/// `ColumnMetaData`.
fn chunk(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1 | 4..=7 | 9..=11 | 14 | 15] | [13, 1..=3] | [16, 1] => one(Type::Number),
        [2] | [16, 2 | 3] | [17, 2] => list(Type::Number),
        [3] => list(Type::Text),
        [8 | 13] => list(Type::Struct),
        [12 | 16 | 17] | [17, 1] => one(Type::Struct),
        [8, 1 | 2] => one(Type::Text),
        [17, 1, _] => one(Type::Double),
        [12, of @ ..] => statistics(of),
        _ => None,
    }
}

fn statistics(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1 | 2 | 5 | 6] => one(Type::Text),
        [3 | 4] => one(Type::Number),
        [7 | 8] => one(Type::Bool),
        _ => None,
    }
}

fn encryption(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [_] => one(Type::Struct),
        [_, 1 | 2] => one(Type::Text),
        [_, 3] => one(Type::Bool),
        _ => None,
    }
}

/// The fields of `PageHeader`.
pub(super) fn head(path: &[i64]) -> Option<(Type, Option<Type>)> {
    match path {
        [1..=4] | [5, 1..=4] | [7, 1 | 2] | [8, 1..=6] => one(Type::Number),
        [5..=8] | [5, 5] | [8, 8] => one(Type::Struct),
        [7, 3] | [8, 7] => one(Type::Bool),
        [5, 5, of @ ..] | [8, 8, of @ ..] => statistics(of),
        _ => None,
    }
}
