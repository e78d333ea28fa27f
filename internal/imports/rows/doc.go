// Package rows reads the rows of an import from the spec, ConfigMaps and Secrets, validates
// them all by the same rules, and translates between them and JumpCloud's records.
//
// A row is a list of fields, each a path and a canonical value. Paths and their types are
// those of v1alpha1.UserFields; this package has no other list of JumpCloud's attributes. Only
// Loader does I/O.
//
// Rows contain personal data: messages name the row and the field, and quote a value only if
// it is a column, a key or a word of an enumeration.
package rows
