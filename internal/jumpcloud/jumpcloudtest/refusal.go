package jumpcloudtest

// refusal is the reason why something was not done: the error answer to a request, or the
// status message of a row.
type refusal struct {
	status  int
	message string
	// details, if given, make the answer the structured error of password validation.
	details []any
	// code is the error member of the two-member shape, if given.
	code string
}

func refuse(status int, message string) *refusal {
	return &refusal{status: status, message: message}
}

var notFound = refuse(404, "Not Found")

// body returns the JSON of the refusal, in one of the observed shapes.
func (r *refusal) body() map[string]any {
	switch {
	case r.details != nil:
		return map[string]any{"code": r.status, "message": r.message, "status": "INVALID_ARGUMENT", "details": r.details}
	case r.code != "":
		return map[string]any{"error": r.code, "message": r.message}
	}
	return map[string]any{"message": r.message}
}
