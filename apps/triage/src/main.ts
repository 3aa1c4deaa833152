import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { triageConfig } from './config';
import { runEval } from './evaluate/run-eval';
import { TriageModule } from './triage.module';

const [command, ...args] = process.argv.slice(2);
if (command === 'eval') {
  // Here and not in the command line tool, so that the model's key stays in the service that holds it.
  void runEval(args).then((code) => {
    process.exitCode = code;
  });
} else {
  void runService(() =>
    startStage({ name: 'triage', schema: triageConfig, module: (config) => TriageModule.with(config) }),
  );
}
