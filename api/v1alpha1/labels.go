package v1alpha1

const (
	// ManagedByLabel of ConfigMaps names who writes them.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is its value on those of this operator. config/admission lets the
	// operator write no others.
	ManagedBy = "jumpcloud-operator"
)
