package check

// all are the groups of probes, in their order.
var all = []group{listProbes, userProbes, stateProbes, jobProbes, groupProbes, queryProbes, scheduleProbes}
