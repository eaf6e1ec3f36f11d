"""Invalid job files and command lines: the messages, on one rank and on three. Unit tests of the
reader have the remaining messages."""

import os

import bad_input
import common
from bad_input import JOB, case, job, load_tests, regex  # pylint: disable=unused-import


def refused(name, text, says, *options, **more):
    """`lockstep run` of a job file with this text."""
    return case(name, ("run", "job.yaml", *options), says, files={"job.yaml": text}, **more)


def edited(name, old, new, says, **more):
    """The small job with one text replaced."""
    return refused(name, job((old, new)), says, **more)


def command(name, arguments, says):
    """A command line with a valid job."""
    return case(name, arguments, says, files={"job.yaml": JOB})


def deep(levels):
    return "name: deep\nmodel: " + "[" * levels + "]" * levels + "\n"


FILES = [
    case("missing", "run job.yaml", "job.yaml: cannot open: No such file or directory"),
    case("folder", "run job.yaml",
         "job.yaml: is a folder (expected a job file)", files={"job.yaml": os.mkdir}),
    case("pipe", "run job.yaml",
         "job.yaml: is a FIFO (expected a job file)", files={"job.yaml": os.mkfifo}),
    refused("empty", "", "job.yaml:1: is empty (expected a job, such as name: mine)"),
    refused("comments", "# a job\n# to be written\n",
            "job.yaml:1: is empty (expected a job, such as name: mine)"),
    refused("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1c",
            "job.yaml: holds a byte 0 (expected text)"),
    refused("latin_1", "title: Grüße\n".encode("latin-1") + JOB.encode(),
            "job.yaml:1: not valid YAML: invalid leading UTF-8 octet"),
    refused("utf_16", JOB.encode("utf-16"),
            "job.yaml: holds a byte 0 (expected text)"),
    refused("byte_0", JOB.encode() + b"\0" + JOB.encode(),
            "job.yaml: holds a byte 0 (expected text)"),
    refused("half", JOB[: JOB.index("model:") + 4],
            "job.yaml:4: not valid YAML: could not find expected ':' while scanning a simple key"),
    refused("tabs", JOB.replace("  epochs", "\tepochs"),
            "job.yaml:7: not valid YAML: found character that cannot start any token while "
            "scanning for the next token"),
    refused("python", "import os\nprint(os.getcwd())\n",
            "job.yaml:1: found 'import os print(os.getcwd())' (expected a job, such as name: "
            "mine)"),
    refused("too_long", JOB + "#" * (1 << 24),
            "job.yaml: is larger than 16777216 bytes"),
    refused("too_deep", deep(1000),
            "job.yaml:2: is nested too deeply (expected at most 64 levels)"),
    case("windows", "run job.yaml --progress none", None, status=0,
         files={"job.yaml": "\ufeff" + JOB.replace("\n", "\r\n")}, leaves=r"results(/.*)?"),
]

CONTENT = [
    edited("unknown_key", "epochs:", "epoch:",
           "job.yaml:7: train: unknown key 'epoch' (did you mean 'epochs'?)"),
    edited("duplicate_key", "  epochs: 2\n", "  epochs: 2\n  epochs: 3\n",
           "job.yaml:8: train: duplicate key 'epochs' (already given in line 7)"),
    edited("no_name", "name: small\n", "",
           "job.yaml:1: needs 'name' (name of the job; results go to results/NAME.h5)"),
    edited("no_model", "model:", "layers:",
           "job.yaml:3: unknown key 'layers' (expected one of: name, title, folder, reference, "
           "reference_metric, reference_label, references, orderings, figures, dataset, model, "
           "heads, train, search, keep_models, sweep)"),
    edited("words_for_a_number", "epochs: 2", "epochs: two",
           "job.yaml:7: train.epochs: found 'two' (expected an integer from 1 to 10000000)"),
    edited("too_small", "batch_size: 60", "batch_size: 0",
           "job.yaml:8: train.batch_size: 0 is too small (expected an integer from 1 to "
           "2147483647)"),
    edited("not_a_number", "learning_rate: 0.1", "learning_rate: .nan",
           "job.yaml:9: train.optimizer.sgd.learning_rate: found '.nan' (expected a number or "
           "the name of a schedule)"),
    edited("decimal_comma", "learning_rate: 0.1", "learning_rate: '0,1'",
           "job.yaml:9: train.optimizer.sgd.learning_rate: found '0,1' (expected a number or the "
           "name of a schedule)"),
    edited("unknown_layer", "- flatten", "- flaten",
           "job.yaml:4: model[0]: unknown layer 'flaten' (did you mean 'flatten'?)"),
    edited("unknown_activation", "softmax", "sofmax",
           "job.yaml:5: model[1].dense.activation: unknown activation 'sofmax' (did you mean "
           "'softmax'?)"),
    edited("unknown_optimizer", "sgd", "sdg",
           "job.yaml:9: train.optimizer: unknown optimizer 'sdg' (did you mean 'sgd'?)"),
    edited("unknown_loss", "loss: categorical", "loss: categorial",
           "job.yaml:10: train.loss: unknown loss 'categorial_crossentropy' (did you mean "
           "'categorical_crossentropy'?)"),
    refused("loss_of_vectors",
            job(("10, activation: softmax}", "784}\n  - reshape: [28, 28, 1]"),
                ("loss: categorical_crossentropy", "target: input\n  loss: cosine_similarity"),
                ("[accuracy]", "[]")),
            "job.yaml:12: train.loss.cosine_similarity: the model's output has 3 dimensions "
            "(expected a vector)"),
    edited("label_smoothing", "loss: categorical_crossentropy",
           "loss: {categorical_crossentropy: {label_smoothing: 1.5}}",
           "job.yaml:10: train.loss.categorical_crossentropy.label_smoothing: 1.5 is too large "
           "(expected a number from 0 to 1)"),
    edited("unknown_metric", "[accuracy]", "[acuracy]",
           "job.yaml:11: train.metrics[0]: unknown metric 'acuracy' (did you mean 'accuracy'?)"),
    edited("unknown_dataset", "{file: digits.h5}", "{name: digitts}",
           "job.yaml:2: dataset.name: no dataset 'digitts' (did you mean 'digits'?)",
           environment={"LOCKSTEP_DATA": "cache"}),
    edited("other_dataset", "{file: digits.h5}", "{name: faces}",
           "job.yaml:2: dataset.name: no dataset 'faces' (expected cache/faces.h5, or mnist, "
           "fashion_mnist, digits or clock)",
           environment={"LOCKSTEP_DATA": "cache"}),
    edited("no_dataset", "dataset: {file: digits.h5}\n", "",
           "job.yaml:1: needs 'dataset' (samples)"),
    edited("two_datasets", "{file: digits.h5}", "{file: digits.h5, name: mnist}",
           "job.yaml:2: dataset: found both 'name' and 'file' (expected one of them)"),
    edited("wrong_outputs", "units: 10", "units: 9",
           "job.yaml:5: model[1].dense: has 9 outputs, but the data has 10 classes"),
    edited("convolution_of_a_vector", "  - dense:",
           "  - conv2d: {filters: 2, kernel_size: 3}\n  - dense:",
           "job.yaml:5: model[1].conv2d: takes images [height, width, channel], not 1 dimensions"),
    edited("pooled_away", "  - flatten\n",
           "  - max_pooling2d: {pool_size: 64}\n  - flatten\n",
           "job.yaml:4: model[0].max_pooling2d: the window is 64 x 64, but the image 28 x 28"),
    edited("too_large_layer", "  - flatten\n", "  - flatten\n  - dense: {units: 1000000000}\n",
           [regex(r"trial 1 failed: out of memory: .*"),
            "results/small.h5: of 1 trials 0 diverged and 1 failed"],
           status=1, prints=None, leaves=r"results(/small(\.h5|/owner)?)?"),
    edited("varying_retention", "train:\n  epochs: 2",
           "keep_models: {best: $n}\nsweep: {n: [1, 2]}\ntrain:\n  epochs: $n",
           "job.yaml:6: keep_models: must be the same in all trials of a sweep"),
    edited("repeated_points", "train:",
           "reference: $n\nsweep: {n: [1, 2]}\ntrain:",
           "job.yaml:7: sweep.n: 1 of 2 points would repeat the training of another, such as 'n=1' "
           "and 'n=2' (expected a 'when' if only some of them use $n, else other values)"),
    edited("unused_variable", "train:", "sweep: {rate: [0.1, 0.2]}\ntrain:",
           "job.yaml:6: sweep.rate: nothing uses $rate (expected it in the place of a value)"),
    edited("undefined_variable", "learning_rate: 0.1", "learning_rate: $rate",
           "job.yaml:9: train.optimizer.sgd.learning_rate: unknown sweep variable 'rate' "
           "(expected none)"),
    refused("variable_of_nothing", job(("0.1", "$rate"), ("train:", "sweep: {rate: []}\ntrain:")),
            "job.yaml:6: sweep.rate: found an empty list (expected at least one value)"),
    refused("bad_in_the_last_trial", job(("10,", "$n,"), ("train:", "sweep: {n: [10, 9]}\ntrain:")),
            "job.yaml:5: model[1].dense: has 9 outputs, but the data has 10 classes"),
    refused("divided_by_0", job(("0.1", "1 / $n"), ("train:", "sweep: {n: [1, 0]}\ntrain:")),
            "job.yaml:10: train.optimizer.sgd.learning_rate: '1 / $n' is infinite in some trial "
            "(expected a finite number)"),
    edited("batch_of_a_share", "batch_size: 60", "batch_size: 60.5",
           "job.yaml:8: train.batch_size: found '60.5' (expected an integer from 1 to "
           "2147483647)"),
    edited("augmented_vector", "  - dense:", "  - random_flip\n  - dense:",
           "job.yaml:5: model[1].random_flip: takes images [height, width, channel], not 1 dimensions"),
    edited("head_of_no_target", "model:", "heads: {time: {loss: mean_squared_error}}\nmodel:",
           "job.yaml:1: train: has loss, target, target_scaling, class_weight, tune_threshold or "
           "metrics beside heads (expected them in each head)"),
    edited("too_many_trials", "train:", "sweep: {replicates: 1000000000}\ntrain:",
           "job.yaml:6: sweep.replicates: 1000000000 is too large (expected an integer from 1 to "
           "1000000)"),
    edited("folds_without_a_sweep", "{file: digits.h5}", "{file: digits.h5, validation: folds}",
           "job.yaml:1: sweep.folds: is missing, but dataset.validation is folds"),
    edited("all_for_validation", "{file: digits.h5}", "{file: digits.h5, validation: 1.5}",
           "job.yaml:2: dataset.validation.fraction.fraction: 1.5 is too large (expected a "
           "number above 0 and below 1)"),
    edited("subset_of_too_many", "{file: digits.h5}", "{file: digits.h5, subset: {train: 601}}",
           "job.yaml:2: dataset.subset: train: 601 is 601 samples (expected 1 to 600, the samples "
           "in digits.h5)"),
    edited("monitor_of_nothing", "  loss:",
           "  early_stopping: {monitor: val_acuracy, patience: 1}\n  loss:",
           "job.yaml:10: train.early_stopping: monitor: unknown curve 'val_acuracy' (expected "
           "one such as 'val_accuracy')"),
    edited("weights_of_no_file", "units: 10,", "units: 10, weights: none.h5,",
           "job.yaml:5: model[1].dense.weights: none.h5: cannot open: No such file or directory"),
    edited("reference_of_too_many", "train:", "reference: [0.1, 0.2]\ntrain:",
           "job.yaml:6: reference: has 2 values for 1 points of the sweep (expected one, or one "
           "for each)"),
    edited("name_with_slashes", "name: small", "name: ../small",
           "job.yaml:1: name: '../small' begins with one of '.', '-' and ' ' (expected another name)"),
]

COMMANDS = [
    command("unknown_verb", "rum job.yaml",
            "unknown verb 'rum' (did you mean 'run'?)"),
    command("verb_in_capitals", "RUN job.yaml",
            "unknown verb 'RUN' (did you mean 'run'?)"),
    command("no_job", "run",
            "no job given (expected lockstep run JOB.yaml)"),
    command("two_jobs", "run job.yaml job.yaml",
            "one job at a time (not 'job.yaml' as well)"),
    command("unknown_option", "run job.yaml --frobnicate",
            "option '--frobnicate' is unknown or lacks its value (see --help)"),
    command("nearly_an_option", "run job.yaml --outptu x.h5",
            "unknown option '--outptu' (did you mean '--output'?)"),
    command("option_without_value", "run job.yaml -o",
            "option '-o' is unknown or lacks its value (see --help)"),
    command("empty_output", ["run", "job.yaml", "-o", ""],
            "argument 3 of 'lockstep run' is empty (is a variable not set?)"),
    command("progress_unknown", "run job.yaml --progress fancy",
            "run: --progress: 'fancy' (expected auto, live, lines or none)"),
    command("set_without_equals", "run job.yaml --set train.epochs",
            "--set train.epochs: has no '=' (expected key.path=value)"),
    command("set_of_nothing", "run job.yaml --set train.epoch=3",
            "--set train.epoch=3: train: unknown key 'epoch' (did you mean 'epochs'?)"),
    command("set_of_no_layer", "run job.yaml --set model[7].dense.units=3",
            "--set model[7].dense.units=3: model: has no item 7 (expected an index below 2)"),
    command("set_to_wrong_type", "run job.yaml --set train.epochs=many",
            "--set train.epochs=many: train.epochs: found 'many' (expected an integer from 1 "
            "to 10000000)"),
    command("checkpoints_never", "run job.yaml --checkpoint-every 0s",
            "run: --checkpoint-every: '0s' (expected such as 60s, 500steps or 1epoch)"),
    command("check_for_no_ranks", "check job.yaml --ranks 0",
            "check: --ranks: '0' (expected an integer from 1 to 65536)"),
    command("check_of_no_job", "check none.yaml",
            "none.yaml: cannot open: No such file or directory"),
    command("data_of_nothing", "data",
            "data: 0 arguments (expected one of mnist, fashion_mnist, digits, clock; or a file; or "
            "--idx and files)"),
    command("data_unknown", "data minst",
            "data: there is no dataset 'minst' (did you mean 'mnist'?)"),
    command("data_of_too_few", "data digits --train 0 -o x.h5",
            "data: --train: '0' (expected an integer from 1 to 10000000)"),
    command("data_of_negative", "data digits --train -5 -o x.h5",
            "data: --train: '-5' (expected an integer from 1 to 10000000)"),
    command("data_with_foreign_option", "data digits --size 64 -o x.h5",
            "data: --size and --rotation go with clock only"),
    command("data_of_one_file", "data --idx images -o x.h5",
            "data: --idx: 1 files (expected images and labels, and maybe those for testing)"),
    command("data_into_nothing", "data --idx images labels",
            "data: --idx needs -o FILE, the file to make"),
    command("report_of_nothing", "report",
            "no results file given (expected RESULTS.h5)"),
    command("report_of_no_file", "report none.h5",
            "none.h5: cannot open: No such file or directory"),
    command("report_of_a_dataset", "report digits.h5",
            "digits.h5: is not a results file: it has no attribute 'axes'"),
    command("eval_of_nothing", "eval",
            "no model file given (expected such as results/NAME/trial_1/best.h5)"),
    command("eval_of_no_part", "eval model.h5 --split tset",
            "eval: --split: 'tset' (expected train, validation or test)"),
    command("eval_of_first_0", "eval model.h5 --top-k 0",
            "eval: --top-k: '0' (expected an integer from 1 to 2147483647)"),
    command("eval_of_no_change", "eval model.h5 --transform fog=0:1:0.1",
            "eval: --transform: unknown transform 'fog' (see --help)"),
    command("errors_of_two", "errors a.h5 b.h5",
            "errors: one model at a time (not 'b.h5' as well)"),
    command("activations_of_bad_numbers", "activations model.h5 --samples 1,x",
            "activations: --samples: 'x' (expected an integer from 0 to 4294967295)"),
    command("decode_without_layer", "decode model.h5",
            "decode: no layer given (expected --layer NAME, whose outputs are codes)"),
    command("embed_of_nothing", "embed",
            "embed: nothing to project (expected MODEL.h5 or --dataset NAME)"),
    command("embed_by_nothing", "embed --dataset digits.h5 --method umap",
            "embed: --method: 'umap' (expected pca or tsne)"),
    command("embed_of_no_neighbours", "embed --dataset digits.h5 --perplexity 0,5",
            "embed: --perplexity: '0,5' (expected a number above 1)"),
]

JobFilesTest = bad_input.table("JobFilesTest", FILES)
JobContentTest = bad_input.table("JobContentTest", CONTENT)
CommandLineTest = bad_input.table("CommandLineTest", COMMANDS)

if __name__ == "__main__":
    common.main()
