// Package rows reads the rows of an import, from the spec, ConfigMaps and
// Secrets, checks them all by the same rules, and translates between them and
// JumpCloud's records.
//
// A row is a list of fields: a path and a canonical value each. Paths and
// their types are v1alpha1.UserFields; this package holds no other list of
// JumpCloud's attributes. Only Loader does I/O.
//
// Rows are about people: messages name the row and the field, and quote a
// value only where it is a column, a key or a word of an enumeration.
package rows
