package options

import (
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// loudest is the most verbose level that --zap-log-level can enable. From level 8 on,
// client-go logs the bodies of requests and answers, including Secrets.
const loudest = zapcore.Level(-7)

// KeepSecrets bounds the level of a logger, so that it logs Secrets at no level. Call it after
// the flags were parsed.
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
