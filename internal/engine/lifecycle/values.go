package lifecycle

// Value is a field that a plan would change. Old and New may be personal data.
type Value struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Values receives what plans of an object would change about a subject, for previews. It must
// be safe for concurrent use. The operator has none, because values are stored nowhere.
type Values func(object Object, subject string, values []Value)
