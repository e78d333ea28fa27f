package options

import (
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// loudest is the most that --zap-log-level turns on. From level 8 on, client-go
// writes down the bodies of requests and answers, and Secrets are among them.
const loudest = zapcore.Level(-7)

// KeepSecrets bounds the level of a logger, so that no level makes it write
// Secrets. Call it after the flags were parsed.
func KeepSecrets(logging *zap.Options) {
	if logging.Level != nil {
		logging.Level = bounded{logging.Level}
	}
}

type bounded struct{ zapcore.LevelEnabler }

// Enabled implements zapcore.LevelEnabler.
func (b bounded) Enabled(level zapcore.Level) bool {
	return level >= loudest && b.LevelEnabler.Enabled(level)
}
