package check

// all are the groups of probes, in the order in which they are tried.
var all = []group{listProbes, userProbes, stateProbes, jobProbes, groupProbes, queryProbes, scheduleProbes}
