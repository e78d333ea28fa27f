package jumpcloudtest_test

// classic is a query of the first generation with one filter.
func classic(field, operator, value string) row {
	return row{"queryType": "FilterQuery", "filters": []row{{"field": field, "operator": operator, "value": value}}}
}
