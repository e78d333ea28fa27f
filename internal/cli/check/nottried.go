package check

const (
	whyLimit   = "finding a rate limit means running into it, for which JumpCloud may block the caller's address"
	whyWorkday = "a Workday instance cannot be removed by the API, and the check leaves nothing behind"
	whyDevice  = "only a person with a phone can enroll a device"
)

// notTried are the switches that no probe can decide, and why.
var notTried = []struct{ name, why string }{
	{"latency", "the time at JumpCloud cannot be told from that on the way"},
	{"requestsPerSecond", whyLimit},
	{"burst", whyLimit},
	{"retryAfter", whyLimit},
	{"rateLimitBody", whyLimit},
	{"blocked", "a blocked address gets the same answer as a key without rights, and the check ends there"},
	{"globalEmails", "it takes a user in another organization, and only one is set aside"},
	{"jobDelay", "the wait before a job cannot be told from its own time: jobDuration has both"},
	{"jobsInTurn", "two jobs of the few rows that the check makes may end before their order shows"},
	{"createRefuses", "a relationship points at something else of the organization, and the check makes nothing that one can point at"},
	{"respell", "which spellings JumpCloud changes depends on countries, and no number that the check makes up shows that"},
	{"resultRetention", "results may be kept for days"},
	{"noMailsUnlessAsked", "the API does not show which mails were sent"},
	{"maxScheduledUsers", "it takes more users than the check makes"},
	{"hideInactivePushEndpoints", whyDevice},
	{"neverUsed", whyDevice},
	{"anyWorkdayName", whyWorkday},
	{"ignoreWorkdayRename", whyWorkday},
	{"createWorkdayStatus", whyWorkday},
	{"secondWorkdayStatus", whyWorkday},
	{"workdayAuthStatus", whyWorkday},
	{"refuseWrongWorkdayPassword", whyWorkday},
	{"workersStatus", whyWorkday},
	{"importStatus", whyWorkday},
	{"importResultsApart", whyWorkday},
	{"hideImportedRows", whyWorkday},
}
