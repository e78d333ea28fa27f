package check

const (
	whyLimit   = "finding a rate limit requires exceeding it, and JumpCloud may then block the caller's address"
	whyWorkday = "the API cannot remove a Workday instance, and the check must leave nothing behind"
	whyDevice  = "only a person with a phone can enroll a device"
)

// notTried are the switches that no probe can decide, and why.
var notTried = []struct{ name, why string }{
	{"latency", "the time spent in JumpCloud cannot be distinguished from the time spent on the network"},
	{"requestsPerSecond", whyLimit},
	{"burst", whyLimit},
	{"retryAfter", whyLimit},
	{"rateLimitBody", whyLimit},
	{"blocked", "a blocked address gets the same answer as a key without rights, and the check would stop there"},
	{"globalEmails", "it needs a user in another organization, and only one is set aside"},
	{"jobDelay", "the wait before a job cannot be distinguished from its own duration: jobDuration includes both"},
	{"jobsInTurn", "two jobs with as few rows as the check sends may end before their order can be observed"},
	{"createRefuses", "a relationship refers to another object of the organization, and the check creates none that one can refer to"},
	{"respell", "which spellings JumpCloud changes depends on the country, and a phone number that the check invents cannot show that"},
	{"resultRetention", "results may be kept for days"},
	{"noMailsUnlessAsked", "the API does not show which mails were sent"},
	{"maxScheduledUsers", "it needs more users than the check creates"},
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
