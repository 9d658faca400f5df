// mckean: Wasserstein gradient flows of two-layer networks and distances between measures. All that
// a user of the library includes; activations, regularisers and laws of one's own need no more, on
// a CUDA device <mckean/cuda.cuh> in a .cu file.
//
// Errors are exceptions: InputError for what a user gave, IoError for files, Interrupted and
// OutOfTime where these were asked for; each function says which. Beside these any function that
// makes arrays may throw std::bad_alloc, and one that computes on a device std::runtime_error where
// that fails. How a flow ends is no error but an Outcome.
#pragma once

#include "mckean/cloud.hpp"
#include "mckean/communicator.hpp"
#include "mckean/data_set.hpp"
#include "mckean/device.hpp"
#include "mckean/error.hpp"
#include "mckean/evaluate.hpp"
#include "mckean/files.hpp"
#include "mckean/find_choice.hpp"
#include "mckean/flow.hpp"
#include "mckean/homogeneous.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/interruption.hpp"
#include "mckean/law.hpp"
#include "mckean/linear_regression.hpp"
#include "mckean/matrix.hpp"
#include "mckean/model.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/problem.hpp"
#include "mckean/record.hpp"
#include "mckean/run_result.hpp"
#include "mckean/teacher.hpp"
#include "mckean/w2.hpp"
