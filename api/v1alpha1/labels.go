package v1alpha1

const (
	// ManagedByLabel names the writer of a ConfigMap.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of ManagedByLabel on the ConfigMaps of this operator.
	// config/admission lets it write no others.
	ManagedBy = "jumpcloud-operator"
)
