/* The table of published datasets. */
#include "prepare/published.h"

const char *const ls_published_file_names[LS_PUBLISHED_FILES] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
};

static const char *const digit_names[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

static const char *const garment_names[] = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                            "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                            "Bag",         "Ankle boot"};

const ls_published ls_published_datasets[LS_PUBLISHED_COUNT] = {
    {
        .name = "mnist",
        .title = "MNIST handwritten digits",
        .class_names = digit_names,
        .class_count = 10,
        /* Of the files whose published MD5 sums are, in this order:
         * 6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624
         * 2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637 */
        .checksums = {{0x59bf22c057c52478u, 0xe12946a8ab9bd743u},
                      {0x8839fd1c4bb36825u, 0x81c6f5433a9d3462u},
                      {0x6aa8aa9c0102c17cu, 0xa912d49f199ea2d3u},
                      {0x63c4bd8be7e7204fu, 0x507d8d921945ef36u}},
        .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist",
                    "https://storage.googleapis.com/cvdf-datasets/mnist"},
        .mirror_count = 2,
    },
    {
        .name = "fashion_mnist",
        .title = "Fashion-MNIST garments",
        .class_names = garment_names,
        .class_count = 10,
        /* Of the content of the .gz files whose published MD5 sums are, in this order:
         * 8d4fb7e6c68d591d4c3dfef9ec88bf0d 25c81989df183df01b3e8a0aad5dffbe
         * bef4ecab320f06d8554ea6380940ec79 bb300cfdad3c16e7a12a480ee83cd310 */
        .checksums = {{0xca72265d7c26283bu, 0xe5a664e2905b9295u},
                      {0x775518db990ebf87u, 0x48a2c630b815ef5au},
                      {0xa60baf710224b311u, 0x00620a3fbea59460u},
                      {0x20515cb4512a5b03u, 0xca8383985fa2cbc6u}},
        .folder = "/usr/share/datasets/fashion-mnist",
        .mirrors = {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"},
        .mirror_count = 1,
    },
};
