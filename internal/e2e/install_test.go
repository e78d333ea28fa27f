package e2e

import . "github.com/onsi/ginkgo/v2"

// These specs are about what is installed in a cluster, and what it may do there.
var _ = Describe("Installed in a cluster,", Ordered, ContinueOnFailure, Label("install"), SpecPriority(longest), func() {
	withClusterToItself()
	It("the operator's pod is admitted", installationIsAdmitted)
	It("optional manifests are accepted", optionalManifestsAreAccepted)
	It("the operator writes its own ConfigMaps only", writesItsOwnConfigMapsOnly)
	It("the operator's rights in the cluster suffice", clusterRightsSuffice)
	It("the operator's rights in a namespace suffice", namespacedRightsSuffice)
	It("the operator may write events about namespaces", func() { namespaceEventsAreAllowed("default", managerRole) })
	It("the operator may write events about namespaces with its rights in a namespace", func() { namespaceEventsAreAllowed("namespaced", "jumpcloud-operator-namespace-events") })
	It("objects finish where the deletion of a namespace took the rights first", finishesWhereRightsWentFirst)
	It("metrics are protected", metricsAreProtected)
	It("approving is a right of its own", approvingIsARightOfItsOwn)
	It("a pipeline approves what it declares", aPipelineApproves)
	It("an approval is of one plan of one object", anApprovalIsOfOnePlanOfOneObject)
	It("CRDs that are too old stop the operator", stopsWhereCRDsAreTooOld)
})
