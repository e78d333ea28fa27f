package jumpcloudtest

// WorkdayBehavior is the part of Behavior about the import from Workday, none of
// which was ever observed.
type WorkdayBehavior struct {
	// AnyWorkdayName admits every name; by default one that is not Workday Import is
	// 400.
	AnyWorkdayName bool `json:"anyWorkdayName,omitempty"`
	// IgnoreWorkdayRename ignores a new name in PUT; by default it is 400.
	IgnoreWorkdayRename bool `json:"ignoreWorkdayRename,omitempty"`
	// CreateWorkdayStatus is the status of POST /workdays. 0: 201.
	CreateWorkdayStatus int `json:"createWorkdayStatus,omitempty"`
	// SecondWorkdayStatus refuses a second instance. 0: 409.
	SecondWorkdayStatus int `json:"secondWorkdayStatus,omitempty"`
	// WorkdayAuthStatus refuses what has no Basic credentials. 0: 400.
	WorkdayAuthStatus int `json:"workdayAuthStatus,omitempty"`
	// RefuseWrongWorkdayPassword refuses credentials that the report does not take,
	// with WorkdayAuthStatus; by default they are accepted, and not valid.
	RefuseWrongWorkdayPassword bool `json:"refuseWrongWorkdayPassword,omitempty"`
	// WorkersStatus answers for the workers of an instance without valid credentials.
	// 0: 400. 200: an empty list.
	WorkersStatus int `json:"workersStatus,omitempty"`
	// ImportStatus is the status of an import. 0: 201.
	ImportStatus int `json:"importStatus,omitempty"`
	// ImportResultsApart answers 404 for the job of an import at
	// /bulk/users/{job}/results; by default both result paths answer alike.
	ImportResultsApart bool `json:"importResultsApart,omitempty"`
	// HideImportedRows leaves out of the records of an import the rows that it was
	// sent, which are in persistedFields by default, as long as Telling tells nothing else.
	HideImportedRows bool `json:"hideImportedRows,omitempty"`
}
