package jumpcloudtest

// WorkdayBehavior is the part of Behavior about the import from Workday, none of which was
// ever observed.
type WorkdayBehavior struct {
	// AnyWorkdayName accepts every name; by default any name but Workday Import gets 400.
	AnyWorkdayName bool `json:"anyWorkdayName,omitempty"`
	// IgnoreWorkdayRename ignores a new name in PUT; by default it gets 400.
	IgnoreWorkdayRename bool `json:"ignoreWorkdayRename,omitempty"`
	// CreateWorkdayStatus is the status of POST /workdays. 0: 201.
	CreateWorkdayStatus int `json:"createWorkdayStatus,omitempty"`
	// SecondWorkdayStatus is the answer to the creation of a second instance. 0: 409.
	SecondWorkdayStatus int `json:"secondWorkdayStatus,omitempty"`
	// WorkdayAuthStatus is the answer to a request without Basic credentials. 0: 400.
	WorkdayAuthStatus int `json:"workdayAuthStatus,omitempty"`
	// RefuseWrongWorkdayPassword answers WorkdayAuthStatus to credentials that the report does
	// not accept; by default they are stored, but are not valid.
	RefuseWrongWorkdayPassword bool `json:"refuseWrongWorkdayPassword,omitempty"`
	// WorkersStatus is the answer to a list of the workers of an instance without valid
	// credentials. 0: 400. 200: an empty list.
	WorkersStatus int `json:"workersStatus,omitempty"`
	// ImportStatus is the status of an import. 0: 201.
	ImportStatus int `json:"importStatus,omitempty"`
	// ImportResultsApart answers 404 at /bulk/users/{job}/results for the job of an import; by
	// default both result paths answer alike.
	ImportResultsApart bool `json:"importResultsApart,omitempty"`
	// HideImportedRows leaves persistedFields empty in the records of an import. By default,
	// and only with TellingNot, they contain the row that was sent.
	HideImportedRows bool `json:"hideImportedRows,omitempty"`
}
