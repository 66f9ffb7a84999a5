package report

// Stages are the stages, for tests.
func Stages() map[string]string { return stages }
