"""Documents as they are written: what a sign, a list or a name without a value stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from tests.check.cases.verdicts import verdicts

MATRIX = "\\begin{{bmatrix}}1 & 2 \\\\ 0 & 1\\end{{bmatrix}}"
KERNEL = "\\begin{{bmatrix}}1 & 0 \\\\ 2 & 1\\end{{bmatrix}}"

# The text, a right figure for its end, a wrong one, and what the wrong one is called.
ANNEALED = (
    "We anneal from a = 0.5 down to b = 0.1 over T = 40 epochs:\n\n"
    "g(t) = b + ½(a − b)(1 + cos(πt/T))\n\ng(10) = {}"
)
LINES: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    "dots_between_thousands_are_no_decimal_points": [
        # The number of a section is none either.
        ("## 8.2 Sizes\n\n100·100·100 = 1.000.000\n\n(32·9 + 1)·64 = {}", "18.496", "18.596",
         "undecided"),
        ("(32·9 + 1)·64 = {}", "18496", "18.496", "slip"),
        ("a = 4096·8 + 8·4096 = {} = 65,536", "32,768 + 32,768", "65,536 + 32,768", "slip"),
    ],
    "a_figure_with_its_power_of_ten_divides_as_one": [
        ("q = 1.07 × 10⁹ / 33.6 × 10⁶ ≈ {}", "32", "42", "slip"),
        ("q = 6 / 2 × 10^1 = {}", "30", "40", "slip"),
        ("q = 6 / 2 × 10^1 = {}", "0.3", "0.4", "slip"),
    ],
    "a_multiple_may_be_rounded_to_a_whole_one": [
        ("节省：1050 / 33.5 = {} 倍", "31.3", "31", "undecided"),
    ],
    "blanks_stand_between_thousands_where_commas_are_decimal": [
        ("Environ 36,7 % des poids.\n\n16 000 × 384 = {}", "6 144 000", "6 154 000", "slip"),
        ("Soit 16,8 M.\n\n6 × 1 769 472 = {}", "10 616 832", "10 616 932", "slip"),
    ],
    "two_signs_in_a_row_show_a_figure_put_in": [
        ("1 - -0.2^2 = {}", "0.96", "0.94", "undecided"),
        ("1 - -0.2^2 = {}", "1.04", "1.14", "undecided"),
        ("3 + -0.5^2 = {}", "3.25", "2.25", "undecided"),
    ],
    "a_comma_between_equations_is_in_no_figure": [
        ("差:3 − 5 = −2,4 − 5 = −1,6 − 5 = {}", "1", "2", "slip"),
        ("第一步,偏差:3*2 = 6,4*2 = 8,2.5*2 = {}", "5", "6", "slip"),
        ("x = 1,5 = {}", "3/2", "5/2", "undecided"),
    ],
    "brackets_hold_a_figure_where_commas_are_decimal": [
        ("y = 1,5·2 = 3,0\n\nL = (1,01145 − 0,8)² = (0,21145)² = {}", "0,0447", "0,0547", "slip"),
        ("y = 1,5·2 = 3,0\n\nG = 1 − (0,6^2 + 0,4^2) = 1 − (0,36 + 0,16) = {}", "0,48", "0,58",
         "slip"),
    ],
    "a_change_has_the_accent_and_the_index_of_its_name": [
        (r"$d\hat{{x}}_1 = dy_1 \times \gamma = -0.4 \times 1.2 = {}$", "-0.48", "-0.58", "slip"),
        (r"$\Delta\hat{{x}}_{{12}} = \eta g = 0.1 \cdot 3 = {}$", "0.3", "0.4", "slip"),
    ],
    "a_zero_has_the_sign_of_its_product": [
        ("y = 2·1 + 0·(−2) + 2·3 = 2 − 0 + 6 = {}", "8", "9", "slip"),
    ],
    "a_number_far_above_that_of_the_terms_is_no_count_of_them": [
        ("acc = (TP + TN) / N = (84 + 372) / 500 = {}", "0.912", "0.921", "slip"),
    ],
    "behind_a_gap_a_letter_is_no_unit": [
        ("t=1   g = 2*(0 - 3) = {}", "-6", "-5", "slip"),
        ("step 2   s = 2*(0.5 - 3) = {}", "-5", "-6", "undecided"),
    ],
    "the_tag_of_a_log_is_no_factor": [
        ("[train] z = 0.5 * 2 = {}", "1.0", "1.1", "slip"),
        ("[fwd] net_h[00] = 0.5 * 2 = {}", "1.0", "1.1", "undecided"),
    ],
    "a_minus_before_a_function_belongs_to_it_behind_a_word": [
        ("Verlust −ln(0.5374) ≈ {}", "0.6210", "0.6310", "undecided"),
        ("交叉熵 −ln 0.01 = {}", "4.6052", "4.7052", "undecided"),
    ],
    "words_name_the_updated_value": [
        ("w = 0.5, lr = 0.1, g = -3\n\nw new = w - lr * g = 0.5 - 0.1*(-3) = {}", "0.8", "0.7",
         "slip"),
        ("w = 0.5\n\nw 新 = w - 0.1*(-3) = 0.5 - 0.1*(-3) = {}", "0.8", "0.7", "slip"),
        ("w = 0.5\n\nw neu = w - 0.1*(-3) = 0.5 - 0.1*(-3) = {}", "0.8", "0.7", "slip"),
    ],
    "a_comma_beside_decimal_points_ends_a_calculation": [
        ("3-2.5=0.5,2-2.5=-0.5,2.5-2={}", "0.5", "0.6", "slip"),
    ],
    "bytes_have_chinese_names": [
        ("819200 × 2048 = 1677721600 字节 ≈ {}", "1.68 GB", "1.68 TB", "undecided"),
    ],
    "a_comment_behind_code_may_work_something_out": [
        ("```cpp\nint p = a * b;  // 384 * -192 = {}\n```", "-73728", "-73628", "slip"),
    ],
    "minus_infinity_is_what_a_mask_puts_in": [
        ("softmax([0.5, -∞, 0.25]) = [0.562, 0, {}]", "0.438", "0.538", "slip"),
        ("$a = \\frac{{e^{{0.5}}}}{{e^{{0.5}} + e^{{0.2}} + e^{{-\\infty}}}} = {}$", "0.5744",
         "0.6744", "slip"),
    ],
    "an_arrow_behind_the_name_that_begins_a_line_updates_it": [
        ("w → 0.5 + 0.1·3 = {}", "0.8", "0.9", "slip"),
        ("$w \\to 0.5 + 0.1 \\cdot 3 = {}$", "0.8", "0.9", "slip"),
    ],
    "a_colon_between_blanks_ends_what_is_said_before": [
        ("Pour x = 2 : 2·2 + 1 = {}", "5", "6", "undecided"),
        ("p = 1 : (1 + 3) = 0.25\n\nq = 0.5·2 = {}", "1", "2", "slip"),
    ],
    "a_formula_may_stand_in_the_role_of_another_markup": [
        ("stem:[L = \\tfrac12 (0.56218 - 1)^2 = {}]", "0.09584", "0.09684", "slip"),
        (":math:`L = \\frac14 (0.25 + 0.25) = {}`", "0.125", "0.135", "slip"),
    ],
    "a_list_of_names_takes_as_many_values": [
        ("w, b = 0.5, -1\n\nz = w·4 + b = {}", "1", "2", "slip"),
        ("$w_1, w_2 = 0.5, 2$.\n\nz = w_1 + w_2 = {}", "2.5", "3.5", "slip"),
    ],
    "a_function_that_is_worked_out_is_the_one_meant": [
        ("f(x) = 1/(1 + exp(-x))\n\nf(2) = 1/(1 + exp(-2)) = {}\n\nf(x) = max(0, x)", "0.8808",
         "0.8679", "slip"),
    ],
    "a_number_behind_what_it_numbers_is_no_side": [
        ("- delta for hidden neuron 1 = 0.558 x 0.2 = {}", "0.1116", "0.1216", "slip"),
        ("神经元 2 = 0.5 * 0.2 = {}", "0.1", "0.2", "slip"),
    ],
    "brackets_behind_a_name_may_hold_a_factor": [
        (
            "α = 0.1, γ = 0.9\n\n"
            "Q(s,a) = Q(s,a) + α[r + γ max Q(s',a') - Q(s,a)] = 0.5 + 0.1[1 + 0.9·0.8 - 0.5] = {}",
            "0.622",
            "0.722",
            "slip",
        ),
        (
            "$y = r + \\gamma \\max_{{a'}} Q(s', a') = 1 + 0.9 \\cdot 0.8 = {}$",
            "1.72",
            "1.82",
            "slip",
        ),
        ("Q(s,a) = Q(s,a) + α(r + γ V - Q(s,a)) = {} = 0.622", "0.5 + 0.1(1 + 0.9·0.8 - 0.5)",
         "0.5 + 0.1(1 + 0.9·0.8 - 0.4)", "slip"),
    ],
    "the_slope_of_a_stated_function_is_known_at_a_name": [
        ("f(x) = x^3, x_0 = 2.\n\nf'(x_0) = 3·2^2 = {}", "12", "13", "slip"),
        (
            "$f(x) = 0.5 x^2$, $x_0 = 2$\n\n"
            "$x_1 = x_0 - 0.1 \\nabla f(x_0) = 2 - 0.1 \\cdot {} = 1.8$",
            "2",
            "4",
            "slip",
        ),
        (
            "L(w) = (w - 3)^2\n\nw_0 = 0\n\nw_1 = w_0 - 0.1 L'(w_0) = 0 - 0.1·(-6) = 0.6\n\n"
            "w_2 = w_1 - 0.1 L'(w_1) = 0.6 - 0.1·({}) = 1.08",
            "-4.8",
            "-6",
            "slip",
        ),
        (
            "f(x) = x^2 - 2\n\nx_0 = 1\n\nx_1 = x_0 - f(x_0)/f'(x_0) = 1 - (-1)/{} = 1.5",
            "2",
            "1",
            "slip",
        ),
    ],
    "functions_may_begin_with_a_capital": [
        ("$y = Relu(2 - 3) = {}$", "0", "1", "slip"),
        ("y = RELU(0.5 - 0.2) = {}", "0.3", "0.7", "slip"),
        ("$\\text{{SoftMax}}([1, 2]) = [{}, 0.7311]$", "0.2689", "0.2869", "slip"),
    ],
    "a_number_is_kept_between_two_bounds": [
        ("q = clamp(round(9.667 + 8), 0, 15) = clamp({}, 0, 15) = 15", "18", "17", "slip"),
        ("q = clip(-3.2, -1, 1) = {}", "-1", "-3.2", "slip"),
    ],
    "an_arrow_in_an_index_belongs_to_the_name": [
        (
            "$w_{{h \\to o}} = 0.6$\n\n$a = w_{{h \\to o}} \\cdot 0.5 = {} \\cdot 0.5$",
            "0.6",
            "0.7",
            "slip",
        ),
        ("$d = \\delta_o w_{{h \\to o}} = 0.15 \\cdot 0.6 = {}$", "0.09", "0.9", "slip"),
    ],
    "a_sum_over_an_index_stands_beside_other_terms": [
        ("$G = 1 - \\sum_i p_i^2 = 1 - (0.6^2 + 0.4^2) = {}$", "0.48", "0.84", "slip"),
        ("$G = 1 - \\sum_i p_i^2 = 1 - ({}) = 0.48$", "0.36 + 0.16", "0.6 + 0.4", "slip"),
        ("$G = 1 - \\sum_i p_i^2 = {}$", "1 - (0.6^2 + 0.4^2)", "1 - 0.6^2 - 0.4", "undecided"),
        ("$z = \\sum_i w_i x_i + b = {} = 1.4$", "0.5*2 + 0.3*1 + 0.1", "0.5*2 + 0.4*1",
         "undecided"),
        (
            "$H = -\\sum_i p(x_i) \\log_2 p(x_i) = -(p(A) \\log_2 p(A) + p(B) \\log_2 p(B)) "
            "= -(0.6 \\log_2 0.6 + 0.4 \\log_2 0.4) = {}$",
            "0.971",
            "0.917",
            "slip",
        ),
    ],
    "figures_show_that_a_function_was_applied_to_each_member": [
        ("L = λ Σ w_i² = {}", "0.1·(0.25 + 0.09) = 0.034", "0.1·(0.5 + 0.3) = 0.08", "undecided"),
        (
            "p_1 = e^{{z_1}}/(e^{{z_1}} + e^{{z_2}}) = {}",
            "7.389/(7.389 + 2.718) = 0.731",
            "2/(2 + 1) = 0.667",
            "undecided",
        ),
        (
            "$$H = -\\sum_i t_i \\log y_i = {}$$",
            "-(1·(-0.357) + 0·(-1.204)) = 0.357",
            "-(1·0.7 + 0·0.3) = -0.7",
            "undecided",
        ),
    ],
    "a_loss_of_a_sum_is_worked_out_in_its_place": [
        ("E = E_1 + E_2 = {}", "0.5·0.8² + 0.5·0.1² = 0.325", "0.5·0.8² - 0.5·0.1² = 0.315",
         "undecided"),
        ("L = L_1 + L_2 = 0.5·0.8 + 0.5·0.2 = {}", "0.5", "0.6", "slip"),
    ],
    "a_norm_is_the_root_of_the_sum_of_squares": [
        ("$\\|w\\| = \\sqrt{{3^2 + 4^2}} = {}$", "5", "6", "slip"),
        ("‖a‖ = √(1 + 4 + 4) = √9 = {}", "3", "4", "slip"),
        ("$L = M + \\lambda \\|w\\|^2 = 0.5 + 0.1 ({}$", "0.3^2 + 0.4^2) = 0.525",
         "0.3 + 0.4) = 0.57", "undecided"),
        ("$\\tfrac12\\|w\\|^2 = \\tfrac12 (0.5^2 + 0.5^2) = {}$", "0.25", "0.5", "slip"),
    ],
    "entries_may_be_worked_out_of_rounded_steps": [
        (
            "W = [[0.5, -0.3], [0.2, 0.6]], d = [[-0.369, -0.281], [0.369, 0.281]]\n\n"
            "V = W - 0.5 × d = [[0.5 + 0.185, -0.3 + 0.141], [0.2 - 0.185, 0.6 - 0.141]]"
            " = [[0.685, -0.159], [0.015, {}]]",
            "0.459",
            "0.495",
            "slip",
        ),
    ],
    "a_name_in_the_head_of_a_table_may_be_a_short_one": [
        (
            "| w_old | Gradient | w_new = w_old - 0.1 × grad |\n| --- | --- | --- |\n"
            "| 0.5 | 0.0265 | {} |",
            "0.49735",
            "0.5265",
            "slip",
        ),
    ],
    "e_is_the_name_of_an_error_that_is_stated": [
        ("The error e is 2, so L = e^2 = {}.", "4", "5", "undecided"),
    ],
    "a scale behind a result may be that of the line": [
        ("3 × 4 = {} 万", "12", "13", "slip"),
        ("4000 × 3000 = {} 万元", "1200", "1300", "slip"),
        ("Total = 12.5 + 25.1 = {} million", "37.6", "38.6", "slip"),
    ],
    "words behind figures say what is counted": [
        ("10 epochs × 20 batches = {}", "200 iterations", "300 iterations", "undecided"),
        ("Total = 3 layers × 4 heads × 64 dims = {}", "768", "800", "undecided"),
    ],
    "letters and decimals may be raised": [
        ("σ = 1/(1 + e⁻ˣ) = 1/(1 + e⁻⁰·⁵) = {}", "0.6225", "0.6325", "slip"),
        ("x = 3\n\ny = 2ˣ⁻¹ = 2² = {}", "4", "5", "slip"),
        ("x = 2\n\ny = 10·e⁻⁰·⁵ˣ = 10·0.3679 = {}", "3.679", "3.779", "slip"),
    ],
    "one function of two figures may be worth the same": [
        ("relu(-3) = relu(-1) = {}", "0", "1", "slip"),
    ],
    "e with a sign above it, at the head, may be a name": [
        ("$e^2 = 2.7 * 2.7 = {}$", "7.29", "8.29", "slip"),
    ],
    "rounded shares of 1 are no data": [
        ("p = [0.248, 0.248, 0.503]\n\n0.248*1 + 0.248*4 + 0.503*2 = {}", "2.248", "2.348", "slip"),
    ],
    "a list whose first entry is negative": [
        ("$[-1,2] + [0,1] = [-1,{}]$", "3", "4", "slip"),
        ("$\\text{{ReLU}}([-1,2]) = [0,{}]$", "2", "3", "slip"),
        ("$\\left[1,1\\right] - 0.1\\left[-1,2\\right] = [1.1,{}]$", "0.8", "1.12", "slip"),
        ("x = 2 * (-0,5) = -1,{}", "0", "5", "slip"),
    ],
    "a blank behind a decimal point": [
        ("$\\sqrt{{2. 667}} \\approx 1. {}$", "633", "733", "slip"),
        ("$1. 5 \\cdot 2 = {}$", "3. 0", "10", "slip"),
    ],
    "three digits behind a decimal comma, in an inequality": [
        ("$p = 1{{,}}5 \\cdot 2 = 3{{,}}0 > {}{{,}}125$", "2", "4", "slip"),
    ],
    "the unit of a result, behind a blank": [
        ("$2 + 3 = {}\\ \\text{{cm}}$", "5", "500", "undecided"),
    ],
    "a label with a number behind a hyphen": [
        ("BLEU-1 = 5/7 = {}", "0.714", "0.814", "slip"),
        ("Top-1 accuracy: Top-1 = 7/10 = {}", "0.7", "0.8", "slip"),
    ],
    "a number below terms that are all written": [
        ("A = (TP + TN) / Total = (24 + 60) / 100 = {}", "0.84", "0.94", "slip"),
        ("q = (a - b) / c = (60 - 24) / {} = 4", "9", "3", "slip"),
    ],
    "round": [
        ("q = round(0.37/0.02) + 128 = {}", "146", "145", "slip"),
        ("q = round(0.37/0.02) + 128 = {}", "147", "148", "slip"),
        ("z = round([1.2, 2.7]/0.5) = [2, {}]", "5", "6", "slip"),
        ("q = round(3.14159, 2) = {}", "3.14", "3.24", "slip"),
    ],
    "what is divided by a figure, before a factor": [
        ("λ = 0.02, w = 2\n\nR = λ/2 w² = {}", "0.04", "0.08", "slip"),
        ("λ = 0.02\n\nR = λ/2 (4 + 9) = {}", "0.13", "0.31", "slip"),
        ("T = 8, F = 2\n\nq = T/2(T + F) = {}", "0.4", "4", "slip"),
    ],
    "a figure right before a name of several letters": [
        ("TP = 8, FP = 2\n\nF = 2TP/(2TP + FP) = {}", "0.889", "0.789", "slip"),
        ("TP = 8\n\nq = 3/(2TP) = {}", "0.1875", "0.875", "slip"),
    ],
    "what is tiny has digits too": [
        ("$e^{{-36}} = {} \\times 10^{{-16}}$", "2.3", "9", "slip"),
        ("$\\frac{{1}}{{1 + e^{{40}}}} = {}$", "4.25e-18", "4.25e-17", "slip"),
        ("0.1 + 0.2 - 0.3 = {}", "5.55e-17", "5.55e-7", "slip"),
    ],
    "what a function is applied to in other brackets": [
        ("$\\exp\\left[-1\\right] = {}$", "0.368", "0.378", "slip"),
        ("$\\log\\{{0.5 + 0.25\\}} = {}$", "-0.288", "-0.388", "slip"),
        ("$\\max[0, 2] = {}$", "2", "3", "slip"),
        (
            "$h = \\tanh\\begin{{bmatrix}}0.35\\\\0.70\\end{{bmatrix}} = "
            "\\begin{{bmatrix}}0.336\\\\{}\\end{{bmatrix}}$",
            "0.604",
            "0.704",
            "slip",
        ),
        ("$p = \\mathrm{{softmax}} [1, 1] = [0.5, {}]$", "0.5", "0.6", "slip"),
        ("f = tanh [[1, 0], [0, 2]] [[0.5], [0.1]] = [[0.462], [{}]]", "0.197", "0.297", "slip"),
        ("f = tanh [0.5, 0.1] * 2 = [0.924, {}]", "0.199", "0.299", "undecided"),
    ],
    "an array of calculations, entry by entry as the formula": [
        ("p = [0.7, 0.3]\n\nd = p - y = [0.7 - 1, 0.3 - 0] = [-0.3, {}]", "0.3", "0.4", "slip"),
        ("w = w - lr * g = [0.5 - 0.1*0.2, 0.3 - 0.1*0.4] = [0.48, {}]", "0.26", "0.36", "slip"),
        ("h = tanh(z + b) = (tanh(0.3 + 0), tanh(0.5 + 0.1)) = (0.291, {})", "0.537", "1", "slip"),
        ("p = [0.7, 0.3]\n\nd = p - y = [0.{} - 1, 0.3 - 0] = [-0.3, 0.3]", "7", "6", "slip"),
    ],
    "a π that is no number of the circle": [
        ("a = 2\n\n$r = \\pi a^2 = {} \\times 4 = 12.56$", "3.14", "3.41", "slip"),
        ("a = 2\n\n$r = 2 \\pi a = {} \\times 2 = 12.56$", "6.28", "7.28", "slip"),
        (
            "a = 0.01\n\n$r = \\pi a = {}$",
            "3.14 \\times 0.01 = 0.0314",
            "0.9 \\times 0.01 = 0.009",
            "undecided",
        ),
    ],
    "derivatives that are multiplied are one by the chain rule": [
        ("dL/dw = dL/dy * dy/dw = (y - t) x = (5.05 - 4)*2 = {}", "2.1", "2.3", "slip"),
        ("δ = ∂L/∂y · ∂y/∂z = (y - t) y(1 - y) = (0.6 - 1)*0.6*(1 - 0.6) = {}", "-0.096", "0.096",
         "slip"),
        ("dL/dh = dL/da*da/dh + dL/db*db/dh = p*v + q*u = 0.1*0.2 + 0.3*0.4 = {}", "0.14", "0.2",
         "slip"),
        ("dL/dy = 1.05\n\ndy/dw = 2\n\ndL/dw = dL/dy * dy/dw = {}*2 = 2.1", "1.05", "1.5", "slip"),
        ("dL/dw = dL/dy * dy/d{} = (y - t) x = (5.05 - 4)*2 = 2.1", "w", "v", "undecided"),
    ],
    "a raised plus is a new value, and a policy with an index is a function": [
        ("w_5 = 1, d = -0.13\n\n$w_5^+ = w_5 + d = 1 - 0.13 = {}$", "0.87", "1.13", "slip"),
        ("$r = \\frac{{\\pi_\\theta(y | x)}}{{\\pi_b(y | x)}} = 5/2 = {}$", "2.5", "3.5", "slip"),
    ],
    "dots for an argument leave the value as it is stated": [
        ("$r = \\sigma(...) = 0.5$, $u = \\sigma(\\dots) = 0.8$\n\n$z = 2u + r = 1.6 + 0.5 = {}$",
         "2.1", "2.3", "slip"),
    ],
    "a list behind a fraction is no index": [
        ("$y = \\frac{{1 - 0.8}}{{2}}[2, 4, 6] + [1, 1, 1]= [1.2, 1.4, {}]$", "1.6", "1.7", "slip"),
    ],
    "a union of sets has a size": [
        ("$i = \\frac{{|A \\cap B|}}{{|A \\cup B|}} = \\frac59 = {}$", "0.556", "0.7", "slip"),
        ("So `14 \\times 14 = {}`.", "196", "169", "slip"),
        ("$|A \\cup B| = |A| + |B| - |A \\cap B| = 8 + 6 - 5 = {}$", "9", "8", "slip"),
    ],
    "an x between decimals": [
        ("x = 3\n\nv = 0.5x0.2 + 0.3x1.0 = {}", "0.4", "0.5", "slip"),
        ("v = 2.0x1.5x3 = {}", "9", "8", "slip"),
    ],
    "a function right before decimals": [
        ("困惑度：exp(−(ln0.5+ln0.25)/2) = exp(1.0397) ≈ {}", "2.828", "2.288", "slip"),
        ("H = -0.5ln0.5 - 0.5ln0.5 = {}", "0.693", "0.639", "slip"),
    ],
    "a bracket that begins with a sign": [
        ("The mean (= (2 + 4)/2 = {}) is small.", "3", "4", "slip"),
        ("调和平均（= 2*0.9*0.1/(0.9+0.1) = {}）", "0.18", "0.28", "slip"),
    ],
    "an_entry_in_a_sum_keeps_its_power": [
        ("e = [[1, 2], [3, 4]]\n\n$\\sum_i \\sum_j e_{{ij}}^2 = 1 + 4 + 9 + 16 = {}$", "30", "32",
         "slip"),
        ("e = [[1, 2], [3, 4]]\n\n$\\sum_{{i,j}} e_{{ij}}^2 = {}$", "30", "32", "undecided"),
    ],
    "what_was_stated_as_it_is_written_has_no_other_reading": [
        ("$\\log\\sigma^2 = -0.4$, $\\log\\sigma = -0.2$\n\n$b = 1 + \\log\\sigma^2 = {}$",
         "0.6", "1.04", "slip"),
        ("$\\mu = 0.6$, $\\log \\sigma^2 = -0.4$, $\\sigma^2 = 0.67$\n\n$K = "
         "\\frac12(1 + \\log\\sigma^2 - \\mu^2 {} \\sigma^2)"
         " = \\frac12(1 - 0.4 - 0.36 - 0.67) = -0.215$", "-", "+", "slip"),
    ],
    "the_figure_of_a_function_that_was_worked_out_is_its_value": [
        ("$s = -0.6$, $v = 0.4$\n\n$\\sigma(s) = 0.3543$\n\n$g = {}v = 0.3543·0.4 = 0.1417$",
         "σ(s)", "(σ(s) - 1)", "slip"),
    ],
    "entries_that_are_stated_singly_have_their_numbers": [
        ("$x_1 = 1$, $x_2 = 2$, $x_3 = 3$, $n = 3$\n\n$s = \\sum_{{i=1}}^{{n-1}} x_i = {}$",
         "3", "6", "slip"),
        ("$x_1 = 1$, $x_2 = 2$, $x_3 = 3$, $n = 3$\n\n$s = \\sum_{{i=1}}^{{n-1}} x_i = {}$",
         "1 + 2 = 3", "1 + 2 + 3 = 6", "slip"),
    ],
    "an_index_that_is_a_number_runs_over_the_limits": [
        ("$q = 0.5$, $T = 3$\n\n$G = \\sum_{{t=0}}^{{T}} q^t = 1 + 0.5 + 0.25 {}$",
         "+ 0.125 = 1.875", "= 1.75", "slip"),
    ],
    "the_square_of_a_square_matrix_is_a_product": [
        ("A = [[1, 2], [3, 4]], x = [1, 1]\n\ny = A^2 x = {}", "[17, 37]", "[17, 38]", "slip"),
        ("A = [[1, 2], [3, 4]]\n\nB = A^2 + A = [[8, 12], [18, {}]]", "26", "27", "slip"),
        ("A = [[1, 2], [3, 4]]\n\nD = (A + A)^2 = [[28, 40], [60, {}]]", "88", "89", "slip"),
        ("g = [[1, 2], [3, 4]]\n\nv = 0.1*g^2 = [[0.1, 0.4], [0.9, {}]]", "1.6", "1.7", "slip"),
        ("$A = \\begin{{pmatrix}} 2 & 1 \\\\ 1 & 3 \\end{{pmatrix}}$\n\n"
         "$A^2 = \\begin{{pmatrix}} {} \\end{{pmatrix}}$",
         "5 & 5 \\\\ 5 & 10", "4 & 1 \\\\ 1 & 9", "undecided"),
    ],
    "a_function_with_values_at_figures_is_taken_at_a_place": [
        ("$w = 0.3$, $h = 0.01$\n\n$J = (w - 1)^2 = 0.49$\n\n$J(0.31) = (0.31 - 1)^2 = 0.4761$"
         "\n\n$\\frac{{J(w+h) - J(w)}}{{h}} = \\frac{{0.4761 - 0.49}}{{{}}} = -1.39$",
         "0.01", "0.02", "slip"),
    ],
    "a_term_that_is_left_out_whole_is_one_missing_figure": [
        ("a = -1.25, b = 0.2, v = 0.5, u = 0.8\n\ng = a*v + b*u = -1.25*0.5 {}", "+ 0.2*0.8 ="
         " -0.465", "= -0.625", "slip"),
    ],
    "figures_between_a_formula_and_its_result_are_compared_with_it": [
        ("a = 2, b = 3\n\nd = a^2 + b = (1.5 + 0.5)*(4.5 {} 2.5) + 3 = 7", "-", "+", "slip"),
    ],
    "whom_words_ask_not_to_believe_is_shown": [
        ("p = 0.475 (if you don't believe it: q = p(1 - p) = 0.475*0.525 = {})", "0.2494", "0.2944",
         "slip"),
    ],
    "a_coloured_formula_is_that_formula": [
        ("$z = \\textcolor{{#3498db}}{{0.2}} + \\textcolor{{red}}{{0.3}}"
         " = \\textcolor{{red}}{{\\mathbf{{{}}}}}$", "0.5", "0.6", "slip"),
    ],
    "thousands_with_an_underscore_are_one_figure": [
        ("size = 12_288 * 64 + 64 = {}", "786,496", "786,596", "slip"),
        ("n = 2_000 * 4 = {}", "8_000", "9_000", "slip"),
    ],
    "a_sum_of_money_in_brackets_is_one_figure": [
        ("gain = 0.4 * $900 + 0.2 * (-$1,500) = {}", "$60", "$90", "slip"),
    ],
    "signs_of_a_formula_within_a_formula_are_signs": [
        ("$\\[\nu = 0.4 \\times 3 = {}\n\\]$", "1.2", "1.3", "slip"),
        ("$\\( u = 0.4 \\times 3 = {} \\)$", "1.2", "1.3", "slip"),
    ],
    "figures_between_angle_brackets_are_a_vector": [
        ("<0, 2, .5> + <0, .5, -.5> = <0, {}, 0>", "2.5", "3.5", "slip"),
        ("so update: <1,2> x <3, -1> = {}", "1", "5", "undecided"),
    ],
    "a_t_behind_a_bracket_turns_it": [
        ("u = [1, 2] * [3, 4]T = {}", "11", "12", "slip"),
    ],
    "rules_divide_the_blocks_of_a_matrix": [
        ("$$u = \\left[\n\\begin{{array}}{{cc}}\n1 & 2 \\\\\n\\hline\n"
         "0 & 1\n\\end{{array}}\n\\right]"
         " \\begin{{bmatrix}} 3 \\\\ 1 \\end{{bmatrix}} = \\begin{{bmatrix}} {} \\\\ 1 "
         "\\end{{bmatrix}}$$", "5", "6", "slip"),
        ("$$\\begin{{array}}{{l|l}}\n2 & \\left(1 + 1\\right) \\cdot 2 = {} \\\\ \\hline\n"
         "\\end{{array}}$$", "4", "8", "slip"),
    ],
    "names_in_a_matrix_have_the_figures_in_their_places": [
        ("$X = \\begin{{pmatrix}} x_1 & x_2 \\\\ x_3 & x_4 \\end{{pmatrix}} = "
         "\\begin{{pmatrix}} 0.5 & 0.3 \\\\ 2 & 4 \\end{{pmatrix}}$\n\n$u = 3 x_1 + x_3 = {}$",
         "3 \\cdot 0.5 + 2 = 3.5", "3 \\cdot 0.4 + 2 = 3.2", "slip"),
        ("a = {}\n\nu = [[a, b], [c, d]] = [[1, 2], [3, 4]]", "1", "9", "undecided"),
    ],
    "members_that_count_from_0_are_those_that_a_sum_is_written_out_with": [
        ("$x_0 = 1, x_1 = 2, x_2 = 3$\n\n$s = \\sum_i x_i^2 = 1^2 + 2^2 + {}$", "3^2 = 14",
         "4^2 = 21", "slip"),
    ],
    "a_quotient_is_its_factor_times_one_over_the_rest": [
        ("$m = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} (x_i - y_i)^2 = "
         "\\frac{{(1 - 0.9)^2 + (2 - 2.3)^2}}{{2}} = {}$", "0.05", "0.16", "slip"),
        ("x_1 = 1, x_2 = 2, x_3 = 6\n\nm = 1/n · Σ x_i = (1 + 2 + {})/3 = 3", "6", "5", "slip"),
    ],
    "a_minus_sign_that_touches_a_figure_behind_a_label_is_its_own": [
        ("So the new weight −1.2 − 0.5 · 0.28 = {}", "−1.34", "−1.44", "undecided"),
        ("out      -0.8*0.1974 + 0.2 = {}", "0.0421", "0.0521", "undecided"),
        ("z = 3\n\nu = z -1.2 = {}", "1.8", "1.9", "slip"),
    ],
    "a_square_of_a_matrix_is_its_product_or_of_its_entries": [
        ("$$Q = \\begin{{pmatrix}} 0.5 & 0.4 \\\\ 0.5 & 0.5 \\end{{pmatrix}}$$\n\n"
         "$$(Q^2)_{{12}} = 0.5 \\cdot 0.4 + 0.4 \\cdot 0.5 = {}$$", "0.4", "0.5", "slip"),
        ("A = [[1, 2], [3, 4]]\n\nu = A₂₂² + 1 = 16 + 1 = {}", "17", "18", "slip"),
        ("$$g = \\begin{{pmatrix}} 0.5 & 0.4 \\\\ 0.5 & 0.5 \\end{{pmatrix}}$$\n\n"
         "$$v = 0.1 g^2 = \\begin{{pmatrix}} 0.025 & 0.016 \\\\ 0.025 & {} \\end{{pmatrix}}$$",
         "0.025", "0.035", "slip"),
        ("A = [[1, 2], [3, 4]]\n\nu = sum(A^2) = {}", "30", "54", "slip"),
        ("A = [[1, 2], [3, 4]]\n\nu = mean((A - 1)**2) = {}", "3.5", "5.5", "slip"),
        ("h = [[0.5, 0.4], [0.5, 0.5]]\n\nu = 1 - h^2 = {}", "[[0.75, 0.84], [0.75, 0.75]]",
         "[[0.55, 0.6], [0.5, 0.55]]", "slip"),
    ],
    "a_sum_runs_from_its_first_to_its_last_place": [
        ("x = [1, 2, 3, 4], m = 3\n\n$s = \\sum_{{i=1}}^{{m}} x_i = {}$", "1 + 2 + 3 = 6",
         "1 + 2 + 3 + 4 = 10", "slip"),
        ("x = [1, 2, 3, 4]\n\n$s = \\sum_{{i=2}}^{{n}} x_i = {}$", "9", "10", "slip"),
        ("x = [1, 2, 3, 4], m = 2\n\n$s = \\sum\\limits^{{m+1}}_{{i=m}} x_i^2 = {}$", "13", "14",
         "slip"),
        ("x = [1, 2, 3, 4], n = 4\n\n$s = \\sum_{{i=0}}^{{n-1}} x_i = {}$", "10", "6", "slip"),
        ("x_1 = 1, x_2 = 2, x_3 = 3\n\ns = ∑ᵢ₌₂ⁿ xᵢ = {}", "5", "6", "slip"),
        ("u = [1, 2]\n\nX = [[1, 2, 3], [4, 5, 6]]\n\n"
         "$s = \\sum_{{i=1}}^{{n}} u_i \\sum_{{j=1}}^{{m}} X_{{ij}} = {}$", "36", "63", "slip"),
    ],
    "a_table_with_a_column_of_numbers_states_the_members_of_families": [
        ("| $i$ | $a_i$ | $c_i$ |\n|-|-|-|\n| 1 | 2 | 5 |\n| 2 | 3 | 4 |\n| 3 | 7 | 9 |\n\n"
         "$E = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} (a_i - c_i)^2 = \\frac{{9 + 1 + {}$",
         "4}{3} = 4.667", "2}{3} = 4", "undecided"),
        ("| j | u_j |\n|-|-|\n| 1 | 2 |\n| 2 | 3 |\n\nv = 2 u_2 = 2 * {}", "3 = 6", "2 = 4",
         "undecided"),
    ],
    "a_t_that_is_raised_without_braces_stands_for_itself": [
        ("X = [[1, 0], [1, 4], [1, 5]]\n\n$X^TX = [[3, 9], [9, {}]]$", "41", "42", "undecided"),
        ("a = [1, 2]\n\nb = [3, 5]\n\n$u = a^Tb = 3 + {} = 13$", "10", "11", "slip"),
    ],
    "a_power_of_a_matrix_is_a_product_and_its_inverse_is_none": [
        ("A = [[1, 2], [3, 4]]\n\n$A^3 = {}$", "[[37, 54], [81, 118]]", "[[37, 54], [81, 119]]",
         "undecided"),
        ("A = [[1, 2], [3, 4]]\n\n$A^{{-1}} = -\\frac{{1}}{{2}} \\cdot [[4, -2], [-3, 1]] = {}$",
         "[[-2, 1], [1.5, -0.5]]", "[[-2, 1], [1.5, 0.5]]", "slip"),
    ],
    "a_number_with_t_above_is_raised_where_t_is_a_number": [
        ("γ = 0.9, T = 3\n\n$u = γ^T = {}$", "0.9^3 = 0.729", "0.9^3 = 0.739", "slip"),
        ("w = 2, x = 3, T = 3\n\n$u = w^T x = {}$", "2 \\cdot 3 = 6", "2 \\cdot 3 = 7", "slip"),
    ],
    "a_factor_that_says_which_is_greater_is_1_where_it_is_so": [
        ("z = 0.3, g = 0.5\n\nu = g * (z > 0) = {}", "0.5 * 1 = 0.5", "0.5 * 0 = 0", "slip"),
        ("z = 0.3, g = 0.5\n\nu = (z < 0) * g = {}", "0 * 0.5 = 0", "1 * 0.5 = 0.5", "slip"),
        ("z = 0.3, g = 0.5\n\n$u = g \\odot (z \\ge 0) = {}$", "0.5", "0.6", "slip"),
    ],
    "a_letter_before_brackets_with_a_condition_is_a_probability": [
        ("P = 0.8, X = 3\n\nP(X > 2) * 100 = 0.5 * 100 = {}", "50", "40", "slip"),
    ],
    "a_value_by_cases_is_that_of_its_case": [
        ("x = -0.5\n\n$u = \\begin{{cases}} x & x > 0 \\\\ 0.1 x & \\text{{otherwise}} "
         "\\end{{cases}} = {}$", "-0.05", "-0.5", "slip"),
        ("x = -0.5\n\n$u = \\begin{{cases}} x^2, & \\text{{if }} x < 0, \\\\ x, & "
         "\\text{{if }} x \\ge 0 \\end{{cases}} = {}$", "0.25", "-0.25", "slip"),
        ("$\\begin{{cases}} x < 3 \\\\ y = 2 \\cdot 2 = {} \\end{{cases}}$", "4", "5", "slip"),
    ],
    "a_function_of_ones_own_is_known_at_a_figure": [
        ("Let g(z) = max(0, z), z = 0.7\n\na = g(z) = 0.7\n\nh = g(-2) = {}", "0", "-2", "slip"),
        ("$\\phi(z) = \\begin{{cases}} 1 & z > 0 \\\\ 0.1 & z \\le 0 \\end{{cases}}$\n\n"
         "$u = \\phi(-3) = {}$", "0.1", "1", "slip"),
    ],
    "an_entry_with_a_new_value_is_that_of_its_vector_too": [
        ("w = [1, 2], x = [3, 1]\n\nw1 = 1 - 0.1*3 = 0.7\nw2 = 2 - 0.1*1 = 1.9\n\nz = w·x = {}",
         "0.7*3 + 1.9*1 = 4", "0.7*3 + 2*1 = 4.1", "undecided"),
        ("w = [1, 2], x = [3, 1]\n\nw[0] = 1 - 0.1*3 = 0.7\n\nz = w·x = {}", "0.7*3 + 2*1 = 4.1",
         "0.7*3 + 2*1 = 4.2", "slip"),
        ("θ = (1, 2), x = (3, 1)\n\nθ₂ ← θ₂ - 0.1 = 1.9\n\nz = θ^T x = {}", "3 + 1.9 = 4.9",
         "3 + 2 = 5", "undecided"),
        ("h = [0.1, 0.2], v = [1, 3]\n\nThen h_1 = 0.3.\n\nu = h_1 + v·v = {}", "10.3", "10.1",
         "slip"),
    ],
    "a_whole_number_behind_a_sign_of_rounding_is_rounded": [
        ("x = 2, w ≈ 3\n\nu = w x = {}", "6", "6.4", "undecided"),
        ("x = 2, w ≈ 3\n\nu = w x = {}", "6", "7.4", "slip"),
    ],
    "an_array_of_twelve_numbers_is_not_twelve": [
        (f"| name | initial value |\n|---|---|\n| $b$ | 12 {numbers} |\n\n"
         "$(b)_{{1}} \\leftarrow (b)_{{1}} - 0.1 \\cdot 0.5 = {}$", "0 - 0.05 = -0.05",
         "0 - 0.05 = -0.04", "slip")
        for numbers in ("numbers, from $0$ to $0$", "个数，取值从 $0$ 到 $0$")
    ],
    "a_power_behind_a_function_is_of_its_argument_or_of_its_value": [
        ("s = 0.5\n\n$u = \\ln s^2 + 1 = {}$", "-0.3863", "0.3863", "undecided"),
        ("$\\sigma = 0.5$\n\n$u = -\\frac{{1}}{{2}} \\ln \\sigma^2 - 2 = {}$",
         "0.6931 - 2 = -1.3069", "0.6931 - 2 = -1.4069", "slip"),
        ("x = 2\n\nu = 1 - ln x² = {}", "1 - 2*0.6931 = -0.3862", "1 - 2*0.6931 = -0.3962", "slip"),
        ("x = 2\n\nu = ln x^2 + 1 = {}", "0.6931^2 + 1 = 1.4804", "0.6931^2 + 1 = 1.5804", "slip"),
    ],
    "formulas_without_dollar_signs_may_stand_below_prose": [
        ("We take the second case\n\\text{{recall}} = \\frac{{3}}{{8}} = {}", "0.375", "0.325",
         "slip"),
        ("w = 0.5\n\nThen\nu = \\frac{{1}}{{2}} + w\n= 0.5 + {}", "0.5 = 1", "0.7 = 1.2", "slip"),
    ],
    "a_dollar_sign_with_a_backslash_may_stand_around_a_formula": [
        ("* \\$u = 0.1 \\times 0.9 = {}\\$", "0.09", "0.08", "slip"),
        ("It is \\$4 and \\$6.\n\nu = 0.1 * 0.9 = {}", "0.09", "0.08", "slip"),
    ],
    "blocks_that_lost_their_backslashes_may_hold_signs_only": [
        ("[\nu = 8-0.5\\times 2\n]\n\n[\n=8-1\n]\n\n[\n={}\n]", "7", "6", "slip"),
        ("[\nu = 2 * 3 = 6\n-1 * 2 = {}\n]", "-2", "-3", "slip"),
    ],
    "a_decimal_before_a_fraction_is_a_factor": [
        ("$u = 0.5 \\frac{{3}}{{4}} = {}$", "0.375", "1.25", "slip"),
        ("$u = 3 \\frac{{1}}{{\\sqrt{{4}}}} = {}$", "1.5", "3.5", "slip"),
    ],
    "a_colour_may_have_its_model": [
        ("$$\n\\frac{{3^2}}{{2}} = \\textcolor[rgb]{{0,0.4,0}}{{{}}},\n$$", "4.5", "5.5", "slip"),
    ],
    "what_fills_a_row_ends_the_formula": [
        ("$$u = 0.4 \\cdot 3 + 1 = {} \\hfill$$", "2.2", "3.2", "slip"),
    ],
    "capitals_joined_by_a_hyphen_are_one_name_where_no_difference_follows": [
        ("DCG = 1.5\nIDCG = 2\nDCG-IDCG = 1.5 * 2 = {}", "3", "4", "slip"),
        ("TPR = 0.9\nFPR = 0.2\nTPR-FPR = {}", "0.9 - 0.2 = 0.7", "0.8 - 0.2 = 0.6", "slip"),
        ("$\\text{{DCG}} = 1.5$\n\n$\\text{{IDCG}} = 2$\n\n"
         "$\\text{{DCG-IDCG}} = 1.5 \\cdot 2 = {}$", "3", "4", "slip"),
    ],
    "columns_side_by_side_are_multiplied_entry_by_entry": [
        ("$$u = \\begin{{pmatrix}}3\\\\2\\end{{pmatrix}} - \\frac{{1}}{{\\begin{{pmatrix}}2\\\\4"
         "\\end{{pmatrix}}}} \\begin{{pmatrix}}4\\\\2\\end{{pmatrix}} = \\begin{{pmatrix}}1\\\\{}"
         "\\end{{pmatrix}}$$", "1.5", "0.5", "slip"),
    ],
    "a_line_below_a_letter_with_a_tilde_begins_no_emphasis": [
        ("f = 0.7\n\nc̃_t = tanh(0.775) = 0.65\nc_t = f*c_{{t-1}} + c̃_t = 0.7*0.3 + 0.65 = {}",
         "0.86", "0.96", "slip"),
    ],
    "a_sign_behind_a_name_that_is_stated_so_is_its_accent": [
        ("x = 2, w = 0.5, y = 3\n\ny^ = w*x = 1\n\nL = (y^-y)^2 = (1-3)^2 = {}", "4", "5", "slip"),
        ("x = 2, y = 3\n\ny^ = 0.5*x = 1\n\ns = y^2 + y^ = 9 + 1 = {}", "10", "11", "slip"),
        ("z = 0.6\n\nh~ = tanh(0.5) = 0.46\n\ndh~ = 0.1*z = 0.06\n\n"
         "da = dh~*(1 - h~^2) = 0.06*(1 - 0.46^2) = {}", "0.0473", "0.0373", "slip"),
    ],
    "the_cell_beside_a_calculation_may_be_its_result": [
        ("| step | calculation | next step |\n|---|---|---|\n| 1 | 0.5 * 2 + 1 | {} |", "2", "3",
         "undecided"),
        ("| step | value |\n|---|---|\n| a = relu(-1.0) + 2 | {} |", "2.0", "1.0", "undecided"),
        ("| Mistake | Instead |\n|---|---|\n| 4 - 1 = 5 | 4 - 1 = {} |", "3", "6", "undecided"),
        ("| 步骤 | 结果 |\n|---|---|\n| z = 0.5 * 3 | {} |", "1.5", "1.6", "undecided"),
        ("| Layer | Count | Parameters |\n|---|---|---|\n| c | $8 \\times (5 + 1)$ | {} |",
         "48", "49", "undecided"),
        ("w = 2, x = 3\n\n| 量 | 公式 | 数 | |\n|---|---|---|---|\n| z | w x + 1 | 2*3 + 1 | {} |",
         "7", "8", "undecided"),
    ],
    "a_result_is_headed_as_one_beside_what_is_headed_as_its_working": [
        ("| quantity | **Working** | value |\n|---|---|---|\n| $u$ | $0.4 \\times 2 + 0.1$ | {} |",
         "0.9", "0.7", "slip"),
        ("| Loss part | Calculation | Result |\n|---|---|---|\n| fit | (0.7 - 1)^2 | {} |", "0.09",
         "0.19", "slip"),
        ("| 步骤 | 计算过程 | 结果 |\n|---|---|---|\n| 二 | 3 * 0.5 - 1 | **{}** |", "0.5", "0.6",
         "slip"),
    ],
    "a_figure_below_a_formula_is_what_that_is_in_its_row": [
        ("| w | x | y | (w*x - y)^2 |\n|---|---|---|---|\n| 0.5 | 3 | 2 | {} |", "0.25", "0.35",
         "undecided"),
        ("| $x_i$ | $e_i = 3 - x_i$ |\n|---|---|\n| 1 | {} |", "2", "4", "slip"),
        ("| x | tanh(x) |\n|---|---|\n| 2 | {} |", "0.964", "0.864", "undecided"),
        ("| 次数 | w | 2w | 新的 w |\n|---|---|---|---|\n| 1 | 3 | {} | 5 |", "6", "10",
         "undecided"),
    ],
    "a_figure_below_a_formula_without_a_name_may_be_a_total": [
        ("| x | y | x*y |\n|---|---|---|\n| 3 | 5 | 15 |\n| 2 | 7 | {} |", "14", "22", "undecided"),
    ],
    "figures_put_in_entry_by_entry_say_what_the_entries_of_an_array_are": [
        ("$W = \\begin{{bmatrix}} 0.1 & 0.2 \\\\ 0.3 & 0.4 \\end{{bmatrix}}$, $b = [0.7, 0.8]$\n\n"
         "$z = W x + b = [0.1 \\cdot 0.6 + 0.2 \\cdot 0.5 + 0.7, 0.3 \\cdot {}]$",
         "0.6 + 0.4 \\cdot 0.5 + 0.8", "0.7 + 0.4 \\cdot 0.5 + 0.8", "undecided"),
        ("z2 = W2 @ a1 + b2 = [0.40*0.5933 + 0.45*0.5969 + 0.60] = [{}]", "1.1059", "1.1159",
         "slip"),
        ("$G = \\delta x^T = \\begin{{bmatrix}} 0.1 \\cdot 0.6 & 0.1 \\cdot 0.5 \\\\ "
         "0.3 \\cdot 0.6 & {} \\cdot 0.5 \\end{{bmatrix}}$", "0.3", "0.4", "undecided"),
    ],
    "a_name_of_two_letters_in_brackets_is_raised_as_a_whole": [
        ("$w = 3$, $x = 2$\n\n$u = (wx)^2 = {}$", "6^2 = 36", "3 \\cdot 4 = 12", "slip"),
        ("w = 3, x = 2\n\nu = (wx)² = {}", "36", "12", "slip"),
        ("$w = 3$, $x = 2$\n\n$u = wx^2 = {}$", "3 \\cdot 4 = 12", "6^2 = 36", "slip"),
        ("$w = 3$, $x = 2$, $L = \\left(wx\\right)^2$\n\n$\\frac{{dL}}{{dw}} = {}$", "2wx^2",
         "2wx", "slip"),
    ],
    "a_name_to_the_first_power_is_the_first_of_its_kind": [
        ("$\\delta^2 = 0.06$, $w^2 = 0.5$\n\n$\\delta^1 = w^2 \\delta^2 = 0.5 \\cdot 0.06 = {}$",
         "0.03", "0.04", "slip"),
        ("$w^2 = 0.06$\n\n$w^1 = 0.06 \\cdot 0.5 = {}$", "0.03", "0.04", "slip"),
    ],
    "a_fraction_at_a_step_is_a_name": [
        ("$\\frac{{dL}}{{dW}}\\Big|_{{t=2}} = 0.2 \\cdot 3 = {}$", "0.6", "0.7", "slip"),
    ],
    "an_updated_value_of_one_digit_is_exact": [
        ("$w_{{new}} = 0.4$\n\n$z = 0.4 \\cdot 20 = {}$", "8", "8.4", "slip"),
        ("$w' = [0.4, 0.1]$\n\n$z = 0.4 \\cdot 20 + 0.1 \\cdot 3 = {}$", "8.3", "8.9", "slip"),
    ],
    "a_figure_that_touches_a_bracket_is_a_factor_or_a_power": [
        ("u = 1.0 + 0.5(1 - 0)2 = {}", "2.0", "3.0", "undecided"),
        ("L = (0.5 - 2)2 = {}", "2.25", "2.35", "undecided"),
    ],
    "a_raised_figure_before_an_index_belongs_to_the_name": [
        ("q = a¹₁δ² = 0.5 * 0.2 = {}", "0.1", "0.2", "slip"),
    ],
    "a_comment_goes_on_with_the_one_above": [
        ("```python\nz = W @ x\n# z = 0.5*2 + 1\n#   = {}\n```", "2", "3", "slip"),
        ("```python\nz = W @ x\n# z = [[0.5*2], [3*2]]\n#   = [[1], [{}]]\n```", "6", "5", "slip"),
    ],
    "a_calculation_in_python_is_checked_once": [
        ("```python\nimport numpy as np\ny = 2 × 3 = {}\n```", "6", "7", "slip"),
        ("```python\nx = np.ones(3)\n\ng = 2 * 3 = {}  # positive\n```", "6", "7", "slip"),
    ],
    "that_is_joins_a_result_as_which_is_does": [
        ("The new weight is 0.5 - 0.1 * 2, that is {}.", "0.3", "0.4", "slip"),
    ],
    "a_fraction_before_a_logarithm_is_its_factor": [
        ("$-(1/4\\log_2(1/4) + 3/4\\log_2(3/4)) \\approx {}$", "0.811", "0.911", "slip"),
    ],
    "a_word_of_chinese_beside_a_name_is_no_factor": [
        ("K1 = 3\n\nK1 系数 = 0.5 * 4 = {}", "2", "3", "slip"),
    ],
    "a_figure_may_be_so_much_per_unit": [
        ("n = 12 × 4.7M / 层 = {}", "56.4M", "57.4M", "undecided"),
        ("n = 56.4M / 12 = {} / 层", "4.7M", "4.8M", "slip"),
    ],
    "a_formula_may_end_in_a_blank": [
        ("So $m = 0.9(0) + 0.1(10) = \\frac{{2}}{{2}} = $ ${}$", "1", "2", "slip"),
    ],
    "a_display_below_goes_on_with_one_of_matrices": [
        ("$$\n\\begin{{bmatrix}} 1 & 2 \\end{{bmatrix}}\n\\cdot\n"
         "\\begin{{bmatrix}} 3 & 5 \\\\ 4 & 6 \\end{{bmatrix}}\n=\n"
         "\\begin{{bmatrix}} (1*3 + 2*4) & (1*5 + 2*6) \\end{{bmatrix}}\n$$\n\n"
         "$$\n= \\begin{{bmatrix}} 3 + 8 & 5 + 12 \\end{{bmatrix}}"
         " = \\begin{{bmatrix}} 11 & {} \\end{{bmatrix}}\n$$", "17", "16", "slip"),
    ],
    "a_name_of_two_letters_may_be_a_factor_before_brackets": [
        ("Wr = 2, z = 0.5, x = 3\n\nh = Wr (1 - z) x = 2 * (1 - 0.5) * 3 = {}", "3", "4", "slip"),
        ("Wr = 2, z = 0.5, x = 3\n\nWr (1 - z) x = 2 * (1 - 0.5) * {} = 3", "3", "4", "slip"),
        ("Wr = 2, z = 0.5\n\nh = tanh(Wr (1 - z)) = tanh(2 * 0.5) = tanh({}) = 0.762", "1",
         "2", "slip"),
        ("c = 1, Wr = 2, z = 0.5, x = 3\n\nh = c + Wr (1 - z) x = 1 + 2 * (1 - 0.5) * 3 = {}",
         "4", "5", "slip"),
    ],
    "one_before_brackets_with_a_relation_is_one_where_it_holds": [
        ("a = 2, b = 2, g = 6\n\nd = g (1[a > b] + 1[a = b] / 2) = 6 (0 + 1 / 2) = {}",
         "3", "6", "slip"),
    ],
    "a_name_behind_what_was_not_read_is_a_part_of_a_formula_and_stays_what_it_was": [
        ("b = 0.5\n\ny = k Uhh (r - h) + b = 3 + 0.5 = 3.5\n\nw = b + 1 = {}",
         "1.5", "2.5", "slip"),
    ],
    "a_name_in_upright_letters_may_have_underscores": [
        (r"$\text{{H\_left}} = 0.5 + 0.25 = {}$", "0.75", "0.85", "slip"),
    ],
    "brackets_of_words_with_a_sign_behind_a_figure_are_a_factor": [
        ("E = 0.5 (target - output)^2 = 0.5 (1 - 0.4)^2 = {}", "0.18", "0.28", "slip"),
        ("E = ½ (goal - guess)² = ½ (3 - 1)² = {}", "2", "4", "slip"),
        ("g = 2 (guess - truth) * 3 = 2 (5 - 4) * 3 = {}", "6", "5", "slip"),
        ("误差 E = 1/2 (target - out)^2 = 1/2 (0.9 - 0.4)^2 = {}", "0.125", "0.25", "slip"),
    ],
    "a_factor_behind_a_fraction_is_above_or_below_its_line": [
        ("s = 1/2 (3 + 5) = {}", "4", "5", "slip"),
        ("s = 6/2 (1 + 2) = {}", "9", "7", "slip"),
        ("s = 6/2 (1 + 2) = {}", "1", "8", "slip"),
        ("L = 1/2 (y - t)^2 = 1/2 (0.6 - 1)^2 = {}", "0.08", "0.8", "slip"),
    ],
    "a_share_may_be_written_in_percent": [
        ("q = 30/40 = 0.75 = {} %", "75", "74", "slip"),
        ("q = 2/3 = 0.667 = {}%", "66.7", "67.6", "slip"),
        ("q = 1/8 = 12.5% = {}", "0.125", "0.15", "slip"),
        ("准确率 q = 18/20 = 0.9 = {}%", "90", "80", "slip"),
    ],
    "an_angle_with_π_is_none_in_degrees": [
        ("c = 0.5·(1 + cos(π·3/4)) ≈ {}", "0.146", "0.246", "slip"),
        ("$s = 2 \\cdot \\sin(\\pi / 2) = {}$", "2", "1", "slip"),
    ],
    "an_arrow_behind_a_formula_or_a_calculation_says_what_comes_out": [
        ("v = 3, t = 4\n\nd = v*t => 3*4 = {}", "12", "13", "slip"),
        ("v = 3, t = 4\n\nd = v*t → 3*4 → {}", "12", "11", "slip"),
        ("v = 3, t = 4\n\nd = v {} t → 3*4 = 12", "*", "+", "slip"),
        ("s = (2 + 4)/2 - 1 → {}", "2", "3", "slip"),
        ("面积 n = 28*28 → {}", "784", "748", "slip"),
    ],
    "an_arrow_behind_figures_alone_says_what_comes_out": [
        ("1*0.5 + 2*0.5 + 0.25 → {}", "1.75", "1.57", "slip"),
        ("(0.7 - 0.9)^2 -> {}   (L)", "0.04", "0.05", "undecided"),
        ("m: 0.9·0 + (1 - 0.9)·4 ⟶ {}", "0.4", "0.6", "slip"),
    ],
    "an_exponent_that_was_worked_out_is_rounded": [
        ("b = 2.0/ln(2) = 2.885\n\n$2^{{2.885}} = {}$", "7.389", "7.399", "slip"),
        ("$k = 1/3 = 0.333$\n\n$8^{{0.333}} = {}$", "2.000", "2.010", "slip"),
        ("$x = 0.5$\n\n$2^{{0.5}} = {}$", "1.414", "1.418", "slip"),
    ],
    "a_dot_before_each_of_several_equations_is_a_bullet": [
        ("With w = 2:\n⋅ a = 3·2 = 6\n⋅ ∂b/∂a = 6·0.5 = 3\n⋅ c = 3 - 1 = {}", "2", "4", "slip"),
        ("w = 2\n· a = 3*2 = 6\n· b = 6*0.5 = {}", "3", "5", "slip"),
        ("$a = 3\n· 4 = {}$", "12", "13", "slip"),
    ],
    "a_degree_behind_the_number_of_an_item_is_none": [
        ("1° a = 3·2 = 6\n2° b = 6·0.5 = {}", "3", "4", "slip"),
        ("1º z (neto) = 0.5·3 = 1.5\n2º y = 1.5 + 1 = {}", "2.5", "3.5", "slip"),
    ],
    "two_indices_below_may_have_a_comma": [
        ("X_1,1 = 3, X_1,2 = 4\n\nz = X_1,1·2 + X_1,2·1 = 3·2 + 4·1 = {}", "10", "11", "slip"),
        ("w₁,₂ = 3, x = 2\n\nz = w₁,₂·x + 1 = 3·2 + 1 = {}", "7", "8", "slip"),
        ("h₁,₂ = 0.5*3 = {}", "1.5", "1.4", "slip"),
    ],
    "a_word_below_stands_behind_a_superscript_too": [
        ("w₁⁽²⁾ = 0.7, η = 0.5, g = 0.2\n\nw₁⁽²⁾_new = w₁⁽²⁾ − η·g = 0.7 − 0.5·0.2 = {}",
         "0.6", "0.8", "slip"),
    ],
    "a_list_behind_figures_in_brackets_is_a_factor": [
        ("u = 2(-1)[0.5, 3] = [-1, {}]", "-6", "-5", "slip"),
        ("$u = 3 (2 - 1) [2, 4] = [6, {}]$", "12", "21", "slip"),
    ],
    "a_bullet_before_words_is_no_product": [
        ("We have 2 * 3 = {} • Sum of all: 5", "6", "7", "slip"),
    ],
    "figures_before_a_name_are_columns": [
        ("0 1 z = 0 * 10 + 1 * 10 - 15 = {} 0.0067 0", "-5", "-6", "undecided"),
    ],
    "a_formula_whose_brackets_lost_their_backslashes_is_one": [
        ("Weighted sum of a node\n[ (1 \\times -0.8) + (1 \\times 0.17) = {} ]\nIt is small.",
         "-0.63", "-0.73", "slip"),
        ("So ( b = \\frac{{1}}{{2}} = {} ) holds here.", "0.5", "0.6", "slip"),
    ],
    "avg_is_the_mean": [
        ("p = avg(3, 3, 2, 9) = (3 + 3 + 2 + 9) / 4 = {}", "4.25", "4.75", "slip"),
    ],
    "0_log_0_is_0": [
        ("H = -(4/4) log2(4/4) - (0/4) log2(0/4) = {}", "0", "1", "slip"),
        ("$L = -(1 \\cdot \\log(0.88) + 0 \\cdot \\log(0.00)) = {}$", "0.128", "0.218", "slip"),
    ],
    "an_x_between_figures_is_a_sign_wherever_it_stands": [
        ("784x256 + 256x256x2 + 256x10 = {}", "334336", "334346", "slip"),
        ("a = sqrt(2x2 + 0x3 + 1x5) = {}", "3", "4", "slip"),
        ("x_3 = 7\n\na = sqrt(2x2 + 0x3 + 1x5) = {}", "3", "4", "undecided"),
        ("v = 0.4 x [3, 5] = [1.2, {}]", "2", "3", "slip"),
        ("u = [3, 5]\n\nv = 0.4 x u = 0.4 x [3, 5] = [1.2, {}]", "2", "3", "slip"),
        ("x = 2\n\nv = 0.4 x [3, 5] = [1.2, {}]", "2", "3", "undecided"),
    ],
    "an_arrow_behind_a_result_says_it_again": [
        ("P(B) = 9 / 12 = {} → 75 %", "0.75", "0.85", "slip"),
        ("$s = 4 \\cdot 3 = {} \\to 12.0$", "12", "13", "slip"),
    ],
    "an_arrow_behind_factors_puts_figures_in": [
        ("u = 2, v = 5\n\nz = u v → 2*5 → {}", "10", "11", "slip"),
        ("u = 2, v = 5\n\n$z = u v \\to 2 \\cdot 5 = {}$", "10", "11", "slip"),
    ],
    "what_stands_behind_a_relation_begins_there": [
        ("$$= \\frac{{1}}{{4}}(2 + 3 + 7) = \\frac{{1}}{{4}}(12) = {}$$", "3", "4", "slip"),
        ("$(3 \\text{{ rows}}) + 5 \\text{{ more}} = 4 \\cdot 3 + 5 = {}$", "17", "18", "slip"),
    ],
    "a_sum_to_a_bound_that_is_a_name_is_read": [
        ("$t = [2, 4]$, $o = [1, 1]$\n\n$L = \\frac{{1}}{{2}}\\sum_{{k=1}}^{{K}} (t_k - o_k)^2"
         " = \\frac{{1}}{{2}}(1 + 9) = {}$", "5", "6", "slip"),
        ("$q_1 = 0.3$, $q_2 = 0.7$\n\n$Z = \\sum_{{j=1}}^N q_j = 0.3 + 0.7 = {}$", "1", "2",
         "slip"),
    ],
    "a_power_behind_the_brackets_of_a_sum_is_no_bound": [
        ("t = [1, 5]\n\nv = 0.5 * ∑ (t_k - 3)^2 = 0.5 * (4 + 4) = {}", "4", "5", "slip"),
    ],
    "what_is_called_with_figures_is_one_name": [
        ("gain(3, 0) = 8/5 = {}", "1.6", "1.7", "slip"),
        ("$q_\\phi(b|a, c) \\cdot q_\\phi(a|c) = 0.3 \\cdot 0.5 = {}$", "0.15", "0.25", "slip"),
    ],
    "a_hundred_percent_may_be_named_beside_figures": [
        ("(12.5 + 80.5 + 7.0 = {}%)", "100.0", "101.0", "undecided"),
    ],
    "brackets_right_behind_a_half_are_its_factor": [
        ("E = 1/2(y - t)^2 = 1/2(5 - 2)^2 = {}", "4.5", "4.6", "slip"),
        ("E = 1/4(3 - 1) = {}", "0.125", "0.2", "slip"),
    ],
    "cells_between_lines_are_no_columns_of_a_matrix": [
        ("$$\\begin{{array}}{{|c|c|l|}} \\hline x & y & d \\\\ \\hline"
         " 8 & 4 & (8 - 7)^2 + (4 - 5)^2 = {} \\\\ \\hline \\end{{array}}$$", "2", "3", "slip"),
    ],
    "square_brackets_after_a_function_are_brackets": [
        ("n = floor[(28 + 2*0 - 7)/2] + 1 = {}", "11", "12", "slip"),
    ],
    "words_of_any_alphabet_stand_beside_figures": [
        ("точность = 80/(80 + 20) = {}", "0.8", "0.7", "slip"),
        ("w = 3 * 2 = {} метров", "6", "7", "undecided"),
    ],
    "rounded_entries_of_a_list_are_rounded_figures": [
        ("$a = \\frac{{(4,3)}}{{3}} = (1.3333, 1)$\n\n"
         "$b = \\frac{{(2,-1) + 3(1.3333,1)}}{{4}} = \\frac{{(6,2)}}{{4}} = (1.5, {})$",
         "0.5", "0.6", "slip"),
        ("u = (2, 1)/3 = (0.667, 0.333)\n\nv = 3*(0.667, 0.333)/2 = (2, 1)/2 = (1, {})",
         "0.5", "0.9", "slip"),
        ("$m = \\tfrac13(1, 2) = (0.33, 0.67)$\n\n$n = 6(0.33, 0.67) = (2, {})$", "4", "5", "slip"),
        ("s = (1, 5)/7 = (0.143, 0.714)\n\nt = 7*(0.143, 0.714)/2 = (1, 5)/2 = (0.5, {})",
         "2.5", "2.9", "slip"),
        ("- `p = (1, 2)/6 = (0.1667, 0.3333)`\n- `q = 3*(0.1667, 0.3333) = (0.5, {})`",
         "1", "2", "slip"),
    ],
    "single_bars_around_a_vector_are_its_length": [
        ("$|[3, 4]| = \\sqrt{{9 + 16}} = {}$", "5", "7", "slip"),
        ("v = [3, 4]\n\n|v| = sqrt(3^2 + 4^2) = {}", "5", "6", "slip"),
        ("|[3, -4]| = [3, {}]", "4", "5", "slip"),
    ],
    "a_row_times_a_turned_row_is_an_outer_product_or_a_sum": [
        ("dW = [0.1, 0.2] [3, 4]ᵀ = [[0.3, 0.4], [0.6, {}]]", "0.8", "0.9", "slip"),
        ("dW = [1, 2] [3, 4, 5]ᵀ = [[3, 4, 5], [6, 8, {}]]", "10", "12", "slip"),
        ("$W = [1, 2] \\, [3, 4]^\\top = [[3, 4], [6, {}]]$", "8", "9", "slip"),
        ("s = [1, 2] [3, 4]ᵀ = {}", "11", "12", "slip"),
    ],
    "an_exponent_is_no_rounded_figure_and_1.0_is_not_1": [
        ("y = 1\n\n- h = tanh(-1.9) = -1.0\n- d = 2*(h - y)/2 = 2*(-1.0 - 1)/2 = -2.0\n"
         "- g = d*(1 - h**2) = -2.0*(1 - (-1.0)**2) = -2.0*(1 - {}) = -0.2", "0.9", "0.6", "slip"),
    ],
    "a_slope_may_stand_before_a_large_bracket": [
        ("z = -2, q = 0.5\n\n$d = q \\,\\text{{ReLU}}'\\left(z\\right) = 0.5 \\cdot 0 = {}$",
         "0", "0.5", "slip"),
    ],
    "a_row_that_is_turned_is_a_literal_column": [
        ("$r = 2 \\begin{{bmatrix}} 0 & 5 \\end{{bmatrix}}^\\top"
         " = \\begin{{bmatrix}} 0 & 10 \\end{{bmatrix}}^\\top$\n\n"
         "$y = \\tanh\\left(\\begin{{bmatrix}} 0 & 5 \\end{{bmatrix}}^\\top\\right)"
         " \\approx \\begin{{bmatrix}} 0 & {} \\end{{bmatrix}}^\\top$",
         "0.99991", "0.98991", "slip"),
        ("$u = 5\\begin{{pmatrix}} 1 & 2 \\end{{pmatrix}}^T"
         " = \\begin{{pmatrix}} 5 & {} \\end{{pmatrix}}^T$", "10", "12", "slip"),
        ("y = exp([[0, 1]]ᵀ) ≈ [[1, {}]]ᵀ", "2.718", "2.618", "slip"),
        ("$e = \\begin{{bmatrix}} 0.9 & 0.2 \\end{{bmatrix}}^\\top"
         " - \\begin{{bmatrix}} 1 & 0 \\end{{bmatrix}}^\\top"
         " = \\begin{{bmatrix}} -0.1 & {} \\end{{bmatrix}}^\\top$", "0.2", "0.3", "slip"),
        ("$s = \\sigma\\left(\\begin{{matrix}} 1 & 2 \\end{{matrix}}^\\top\\right)"
         " \\approx \\begin{{matrix}} 0.7311 & {} \\end{{matrix}}^\\top$",
         "0.8808", "0.8908", "slip"),
    ],
    "the_sign_of_a_product_of_entries_may_stand_for_their_sum": [
        (f"${MATRIX} \\odot {KERNEL} = 1\\cdot1 + 2\\cdot0 + 0\\cdot2 + 1\\cdot1 = {{}}$",
         "2", "3", "slip"),
        (f"$Y_{{{{11}}}} = {MATRIX} * {KERNEL} = 1 + 0 + 0 + 1 = {{}}$", "2", "4", "slip"),
        (f"${MATRIX} \\odot {KERNEL} = {{}}$", "2", "3", "undecided"),
        ("y = [[1, 2], [3, 4]] ⊙ [[1, 0], [0, 1]] = 1 + 0 + 0 + 4 = {}", "5", "6", "slip"),
        ("[1, 2] ⊙ [3, 4] = 3 + 8 = {}", "11", "12", "slip"),
        ("[1, 2] ⊙ [3, 4] = [3, {}]", "8", "9", "slip"),
        ("[[1, 0], [0, 2]] ⊙ [[3], [4]] = [[3], [{}]]", "8", "9", "slip"),
        ("[[1, 0], [0, 1]] ⊙ [5, 6] - [1, 2]ᵀ [3, 4] = [[2, -4], [-6, {}]]", "-2", "-1", "slip"),
    ],
    "names_of_the_document_side_by_side_are_a_product": [
        ("w = 0.5, x = 2, b = 1\n\nz = wx + b = {}", "2", "3", "slip"),
        ("权重w=0.5，输入x=2。\n\nz = wx = 0.5*2 = {}", "1", "2.5", "slip"),
        ("$W = \\begin{{pmatrix}} 1 & 2 \\\\ 0 & 1 \\end{{pmatrix}}$, $x = (3, 4)^T$\n\n"
         "$z = Wx = (11, {})^T$", "4", "7", "slip"),
        ("- w1 = 2\n- w2 = 3\n- x1 = 1\n- x2 = 5\n\nn = w1x1 + w2x2 = 2*1 + 3*5 = {}",
         "17", "16", "slip"),
        ("w_1 = 2, x_1 = 3\n\n`n = w_1x_1 = {}`", "6", "5", "slip"),
        ("x₁ = 3, w₁ = 2, b = 1\n\n$$z = x₁w₁ + b = {}$$", "7", "6", "slip"),
        ("y = 1\n\nh = 0.5\n\nyh ≈ 0.62\n\nL = (y - yh)² = {}", "0.1444", "0.25", "slip"),
        ("w = 2, x = 3, wx = 5\n\nk = 2*wx = 2*5 = {}", "10", "12", "slip"),
    ],
    "at_a_jump_a_function_is_worth_what_a_convention_says": [
        ("z = 0, d = 2\n\ng = d * ReLU'(z) = 2 * ReLU'(0) = 2 * 1 = {}", "2", "3", "slip"),
        ("z = 0, d = 0.5\n\ng = d * ReLU'(z) = 0.5 * ReLU'(0) = 0.5 * 0 = {}", "0", "0.5", "slip"),
        ("z = 0, d = 0.5\n\ng = d * ReLU'(z) = {}", "0.5", "0.7", "undecided"),
        ("w = 1, x = -1, b = 1\n\ny = sign(w*x + b) = sign(0) = {}", "-1", "2", "undecided"),
        ("$\\text{{step}}(0) = {}$", "1", "0.5", "undecided"),
    ],
    "a_slope_at_an_output_may_be_the_slope_that_leads_to_it": [
        ("z = 0.5\n\nh = σ(z) = 0.6225\n\ng = 2 * σ'(h) = 2 * 0.2350 = {}", "0.4700", "0.5700",
         "slip"),
        ("z = 0.5\n\nh = σ(z) = 0.6225\n\ng = σ'(h) = {}", "0.2350", "0.2550", "undecided"),
        ("z = 0.5\n\nh = σ(z) = 0.6225\n\ng = σ'(h) = {}", "0.2273", "0.2573", "undecided"),
        ("z = 0.5\n\nh = tanh(z) = 0.4621\n\ng = tanh'(h) = {}", "0.7864", "0.7064", "undecided"),
        ("h = 0.6225\n\ng = σ'(h) = {}", "0.2273", "0.2350", "undecided"),
        ("h = 0.6225\n\ng = σ'(h) = {}", "0.2273", "0.2573", "slip"),
        ("z = 0.5\n\nh = σ(z) = 0.6225\n\ng = σ(h)(1 - σ(h)) = {}", "0.2273", "0.2350", "slip"),
    ],
    "a_raised_plus_is_the_value_after_the_update": [
        ("$$w^+ = w - 0.1 g = 2 - 0.1 \\cdot 3 = {}$$", "1.7", "2.3", "slip"),
    ],
    "a_subscript_ends_a_name_and_may_be_a_sum": [
        ("w₁ = 2, x₁ = 3, w₂ = 4, x₂ = 5\n\nz = Σ wᵢxᵢ = 2·3 + 4·5 = {}", "26", "27", "slip"),
        ("hₜ₋₁ = 0.5\n\nrₜ = 3\n\na = rₜhₜ₋₁ = 3·0.5 = {}", "1.5", "1.6", "slip"),
        ("h₁ = 2\n\nhₜ = 0.5·hₜ₋₁ + 1 = 0.5·2 + 1 = {}", "2", "3", "slip"),
        ("记 mₜ₋₁ = 0.08，gₜ = -0.4。\n\nmₜ = 0.9·mₜ₋₁ + 0.1·gₜ = 0.072 - 0.04 = {}",
         "0.032", "0.112", "slip"),
        ("aᵢⱼ = 2, q = 4\n\ns = aᵢⱼ·q = 2·4 = {}", "8", "6", "slip"),
    ],
    "who_writes_an_entry_0_counts_from_0": [
        ("- Logits: $z = [1.2, 2.0, 0.5]$\n\n- $2 z_0 = 2 \\cdot 1.2 = 2.4$\n"
         "- $3 z_1 = 3 \\cdot {} = 6$", "2.0", "1.2", "slip"),
        ("x = [3, 5]\n\na = 2*x_0 = 2*3 = 6\n\nb = 2*x_1 = 2*5 = {}", "10", "12", "slip"),
        ("x = [3, 5]\n\na = 2*x_1 = 2*3 = 6\n\nb = 2*x_2 = 2*5 = {}", "10", "12", "slip"),
        ("x = [3, 5]\n\nx_0 = 1\n\na = 2*x_1 = 2*3 = 6\n\nb = 2*x_2 = 2*5 = {}",
         "10", "12", "slip"),
    ],
    "an_array_of_equations_is_a_layout": [
        ("$$\n\\begin{{array}}{{l}}\nO &= 2 \\cdot 3 \\\\\n &= {}\n\\end{{array}}\n$$",
         "6", "7", "slip"),
        ("$$\\begin{{array}}{{rcl}} a &=& 0.5 \\cdot 3 \\\\ &=& {} \\end{{array}}$$",
         "1.5", "1.6", "slip"),
        ("$$s = 2 \\left[\\begin{{array}}{{cc}} 1 & 2 \\end{{array}}\\right] "
         "= \\left[\\begin{{array}}{{cc}} 2 & {} \\end{{array}}\\right]$$", "4", "5", "slip"),
    ],
    "the_mark_of_an_item_is_no_minus_before_a_display": [
        ("- $$\\tanh(0.3) \\approx {}$$", "0.291", "0.391", "slip"),
        ("* $$\nh = 0.5 \\cdot 1.4 + 0.2 = {}\n$$", "0.9", "0.8", "slip"),
        ("> + \\[ 1 - 0.1 \\cdot 2 = {} \\]", "0.8", "1.2", "slip"),
        ("3. $$\\sqrt{{0.49}} + 0.1 = {}$$", "0.8", "0.6", "slip"),
    ],
    "brackets_on_rows_of_their_own_may_have_lost_their_backslashes": [
        ("[\nu=\\frac{{1}}{{4}}(5-3)^2={}\n]", "1", "2", "slip"),
        ("So:\n[\nv_{{\\text{{new}}}}=2-0.5(-1.2)={}\n]\nand on", "2.6", "1.4", "slip"),
        ("> [\n> a = 3 \\times 0.2\n> = {}\n> ]", "0.6", "0.5", "slip"),
    ],
    "an_arrow_of_latex_says_what_comes_out": [
        ("$w = 2$, $x = 3$\n\n$z = w \\cdot x \\to 2 \\cdot 3 \\to {}$", "6", "7", "slip"),
        ("$w = 2$, $x = 3$\n\n$z = w \\cdot x + 1 \\rightarrow {} + 1 \\rightarrow 7$",
         "2 \\cdot 3", "2 + 3", "slip"),
    ],
    "dollars_around_code_are_a_formula": [
        ("- $`v_1 = 0.9 \\times 0 + 0.1 \\times 1.0 = {}`$", "0.100", "0.200", "slip"),
        ("so $`w = 0.5 - 0.1 \\cdot (-3) = {}`$ and on", "0.8", "0.2", "slip"),
    ],
    "a_list_of_names_is_given_a_list_of_values": [
        ("$(x, y) = (1.5, 2)$\n\n$e = (x - y)^2 = (-0.5)^2 = {}$", "0.25", "0.35", "slip"),
        ("(w, b) = (0.5, 0.1)\n\nz = w*2 + b = 1 + 0.1 = {}", "1.1", "1.2", "slip"),
        ("训练样本 $(x, t) = (2, 1)$\n\n$e = 0.5x - t = 1 - 1 = {}$", "0", "1", "slip"),
        ("Start at $(u, v) = (3, -1)$.\n\n$g = 2u - v = 6 + 1 = {}$", "7", "8", "slip"),
        ("- `(p, q) = (0.2, 0.7)`\n- `s = p + q - 1 = 0.9 - 1 = {}`", "-0.1", "0.1", "slip"),
    ],
    "a_figure_put_in_for_a_name_is_its_value_where_that_holds": [
        ("p = 0.6\n\nE = (y - p)² = (1 - 0.6)² = 0.16\n\ng = -2(y - p) = -2*0.4 = {}",
         "-0.8", "-0.9", "slip"),
        ("$z = w x = 0.5 \\cdot 3 = 1.5$\n\n$d = 2w + 1 = 1 + 1 = {}$", "2", "3", "slip"),
        ("- h = a*b = 0.4*0.5 = 0.2\n- k = a - 0.1 = 0.3 = {}", "0.3", "0.4", "undecided"),
        ("L = (y - t)² = (0.8 - 1)² = 0.04\n\nδ = 2(y - t) = {}", "-0.4", "-0.2", "undecided"),
        ("q = w x + b = 3·2 + 1 = 7\n\nr = w + x b = {}", "5", "7", "undecided"),
        ("a_1 = (y - t)² = (0.8 - 1)² = 0.04\n\na_2 = (y - t)² = (0.3 - 0)² = 0.09\n\n"
         "d = 2(y - t) = {}", "0.6", "-0.4", "undecided"),
        ("n_1 = (n - f)/s + 1 = (32 - 5)/1 + 1 = 28\n\nn_2 = (n - f)/s + 1 = {}",
         "(28 - 2)/2 + 1 = 14", "(28 - 2)/2 + 1 = 15", "slip"),
        ("P = TP/(TP+FP) = 8/(8+2) = 0.8\n\nF = 0.7\n\nN = TP + FP = {}", "10", "11", "undecided"),
        ("h = x w + s u = 1·0.5 + 0.4·0.2 = 0.58\n\nd = h s = 0.58·{}", "0.4 = 0.232",
         "0.3 = 0.174", "undecided"),
        ("# Conv\n\nout = (n + 2p - f)/s + 1 = (28 + 2·1 - 3)/1 + 1 = 28\n\n# Pool\n\n"
         "size = n/s = 28/2 = {}", "14", "15", "slip"),
        ("E = t - y = 1 - 0 = 1\n\nE = t - y = {}", "0 - 1 = -1", "0 - 1 = 1", "slip"),
        ("w = w + η e = 0.5 + 0.1·1 = 0.6\n\nb = b + η e = {}", "0.2 + 0.1·(-1) = 0.1",
         "0.2 + 0.1·(-1) = 0.3", "slip"),
        ("s = u*v + 1 = 2*7 + 1 = 15\n\nt = (u + v)/3 = 9/3 = {}", "3", "4", "slip"),
        ("$m = r t = 4 \\cdot 2.5 = 10$，$n = (r - 1)t = 3 \\cdot 2.5 = {}$", "7.5", "8.5", "slip"),
    ],
    "a_quotient_or_a_root_may_end_a_calculation": [
        ("$s = \\frac{{4}}{{\\sqrt{{5}} \\sqrt{{4}}}} = {}$", "\\frac{{4}}{{\\sqrt{{20}}}}",
         "\\frac{{5}}{{\\sqrt{{5}} \\sqrt{{4}}}}", "slip"),
        ("p = 28·28·6 = {}", "14·14·24", "14·14·6", "undecided"),
    ],
    "each_factor_of_a_product_shows": [
        ("a = exp(-1)·(0.7311/(1 + exp(-1))) = {} = 0.1966", "0.7311·0.2689", "0.7311·0.2589",
         "slip"),
    ],
    "a_result_in_a_formula_was_put_in": [
        ("a = 0.768\n\nu = 2·(-0.445) = -0.89\n\nv = 0.5·0.492 = 0.246\n\nThe slope is then\n\n"
         "d = u v a = -0.89·0.246·a ≈ {}", "-0.168", "-0.054", "slip"),
    ],
    "a_noun_before_a_name_makes_another_name": [
        ("w = 2\n\nx = grad w + 1 = {} + 1 = 7", "6", "5", "slip"),
    ],
    "a_whole_number_is_no_share": [
        ("0.56 = {}", "56%", "65%", "slip"),
        ("Token 0 = 56%\n\np = 2·0.3 = {}", "0.6", "0.5", "slip"),
    ],
    "the_sign_of_a_signed_figure_is_worked_out": [
        ("a = 0.77685\n\nL = -log(a) = -log(0.77685) = -(-0.25251) = {}", "0.25251", "0.25215",
         "slip"),
        ("$-(-3) = {}$", "3", "4", "slip"),
        ("d = 2*1.5 = -(-3.0) = {}", "3.0", "-3.0", "slip"),
        ("d = 2*1.5 = (3.0) = {}", "3.0", "4.0", "undecided"),
    ],
    "a_product_with_a_factor_0_has_no_sign": [
        ("a = 0.5\n\nb = -2\n\nc = 0\n\nd = 4\n\ny = a*d + b*(-c)/d = 0.5*4 + (-2)*0/4 = {}",
         "2", "3", "slip"),
        ("a = 0.5\n\nb = -2\n\nc = 0\n\nd = 4\n\ny = a*a - b*c/d = 0.5*0.5 + (-2)*0/{} = 0.25",
         "4", "3", "slip"),
        ("k = -3\n\nm = 0\n\ns = 1 + k*(-m) = 1 + ({})*0 = 1", "-3", "-4", "slip"),
        ("$u = -0.2$，$v = 0$\n\n$t = 1 - u \\cdot \\frac{{v}}{{2}}"
         " = 1 + ({}) \\cdot \\frac{{0}}{{2}} = 1$", "-0.2", "-0.3", "slip"),
        ("k = -3\n\nm = 0\n\ns = 2 + k*m = 2 - 3*{} = 2", "0", "1", "slip"),
    ],
    "formulas_that_agree_whatever_a_name_is_worth_agree": [
        ("m = 2*(u + 1) - 2 = 2*u = 2*0.7 = {}", "1.4", "1.5", "slip"),
        ("$f = \\frac{{2n + 4n}}{{3}} = 2n = 2 \\cdot 7 = {}$", "14", "15", "slip"),
        ("- v = 0.001*q**2/(1 - 0.999) = q**2 = 0.3**2 = {}", "0.09", "0.08", "undecided"),
        ("s = exp(u)*exp(2*u) = exp(3*u) = exp(3*0.1) = {}", "1.34986", "1.44986", "undecided"),
        ("$r = k(k + 2) + 1 = (k + 1)^2 = (2 + 1)^2 = {}$", "9", "8", "slip"),
    ],
    "a_dot_product_stands_over_the_sum_of_the_products": [
        ("$x \\cdot y = 1 \\times 4 + 2 \\times 5 = {}$", "14", "15", "slip"),
        ("$w^T x = 0.5 \\cdot 1 + 0.2 \\cdot 3 = {}$", "1.1", "1.2", "slip"),
        ("a · b = 2*3 + (-1)*4 + 5*1 = {}", "7", "17", "slip"),
        ("q = [1, 2]\n\nk · q = 0*1 + 3*2 = {}", "6", "7", "slip"),
        ("点积：u · v = 0.5×2 + 1×4 = {}", "5", "6", "slip"),
    ],
    "a_figure_beside_a_function_is_set_beside_its_definition": [
        ("s = 1\n\nh = relu(s) = max(0, {}) = 1", "1", "3", "slip"),
        ("s = -2\n\nh = relu(s) = max({}, -2) = 0", "0", "-1", "slip"),
        ("s = 1\n\nh = relu(s) = max({}, 1) = 1", "0", "1", "slip"),
        ("$u = 0.7$\n\n$a = \\sigma(u) = \\frac{{1}}{{1 + e^{{-{}}}}} \\approx 0.668$",
         "0.7", "0.9", "slip"),
        ("u = 0.5\n\nv = tanh(u) = (e^0.5 - e^(-0.5))/(e^{} + e^(-0.5)) = 0.4621",
         "0.5", "0.8", "slip"),
        ("s = 1\n\nh = ReLU(s) = max(0, {}) = 1，所以 h > 0。", "1", "2", "slip"),
    ],
    "equal_values_by_chance_show_no_formula": [
        ("p = 3\n\nq = 0\n\ny = p + q q = 3 + {}*0 = 3", "0", "2", "slip"),
        ("z = 2.4\n\nt = 2.8\n\nE = (z - t)^2 = ({} - 2.8)^2 = 0.16", "2.4", "3.2", "slip"),
        ("k = 0\n\nr = 4\n\ns = r k = {}*0 = 0", "4", "5", "slip"),
        ("b = 0\n\nw = 0.5\n\ny = 2w + b = 2*0.5 {} 0 = 1", "+", "-", "undecided"),
        ("记 t = 0。\n\np = 0.7\n\nd = p - t = 0.7 {} 0 = 0.7", "-", "+", "undecided"),
    ],
    "figures_that_do_not_lead_to_the_result_of_the_formula_are_wrong": [
        ("a = 0.25\n\nt = 1\n\nL = -t*ln(a) - (1 - t)*ln(1 - a) = -ln({}) = 1.3863",
         "0.25", "0.35", "slip"),
        ("u = 0.5 - 2 = -1.5\n\nv = 1.5 - 4 = -2.5\n\ng = u + v = {} - 2.5 = -4", "-1.5",
         "-2.2", "slip"),
        ("$m = 3$，$n = 4$\n\n$c = \\sqrt{{m^2 + n^2}} = \\sqrt{{{}}} = 5$", "25", "36", "slip"),
    ],
    "figures_follow_a_formula_above_the_values_of_its_names": [
        ("$$E = (y - t)^2$$\n\nWith y = 0.8 and t = 1:\n\n$$E = (0.8 - 1)^{} = 0.04$$",
         "2", "3", "slip"),
        ("The output is h = 3k + b.\n\nHere k = 0.5 and b = 2.\n\nh = 3*{} + 2 = 3.5",
         "0.5", "0.6", "slip"),
        ("$z = wx + b$，其中 $w = 0.2$，$x = 3$，$b = 1$。\n\n$z = {} \\cdot 3 + 1 = 1.6$",
         "0.2", "0.3", "slip"),
    ],
    "a_bracket_with_a_relation_behind_a_result_is_a_remark": [
        ("du = -4 * 0 = {}      (u < 0)", "0", "2", "slip"),
        ("q = 2 * 3 = {}   (as r = 4)", "6", "7", "slip"),
    ],
    "a_function_at_a_place_is_what_its_formula_is_there": [
        ("f(x) = x^2 - 4x\n\nf(-1) = {}", "5", "3", "slip"),
        ("$g(u) = (u - 2)^2$\n\n$g(3) = (3 - 2)^2 = {}$", "1", "4", "slip"),
        ("f(x) = x³ + x\n\nf'(x) = 3x² + 1\n\nf'(2) = 3·4 + 1 = {}", "13", "14", "slip"),
        ("设 $J(w, b) = (2w + b - 1)^2$，则 $J(1, 0) = {}$。", "1", "2", "slip"),
        ("h(t) = 2t + 1\n\ny = h(0.5) = 2*0.5 + {} = 2", "1", "3", "slip"),
        ("f(s) = e^s/∑e^s\n\nf(2) = e^2/(e^2 + e^1) = {}", "0.731", "0.831", "slip"),
    ],
    "an_update_in_figures_has_the_rate_and_the_gradient_above": [
        ("w = 0.6, lr = 0.5\n\nL = (w - 2)^2 = (0.6 - 2)^2 = 1.96\n\n"
         "dL/dw = 2(w - 2) = 2*(-1.4) = -2.8\n\nw = 0.6 - {}*(-2.8) = 2.0", "0.5", "1.5", "slip"),
        ("w = 0.6, lr = 0.5\n\nL = (w - 2)^2 = (0.6 - 2)^2 = 1.96\n\n"
         "dL/dw = 2(w - 2) = 2*(-1.4) = -2.8\n\nw = 0.6 - 0.5*(-{0}) = 0.6 + 0.5*{0}", "2.8", "2.9",
         "undecided"),
        ("k = 3, η = 0.1\n\nJ = (k - 1)^2 = 4\n\ndJ/dk = 2(k - 1) = 4\n\n"
         "k ← 3 - {0}*4 = 3 - 4*{0}", "0.1", "0.2", "undecided"),
    ],
    "grad_behind_a_name_is_the_gradient_by_it": [
        ("v = 0\n\nv = 0.9×v + 0.1×w.grad² = 0.9·0 + 0.1·2² = 0.4\n\n"
         "u = v/(1 - 0.9) = 0.4/0.1 = {}",
         "4", "5", "slip"),
        ("w.grad = 3\n\n于是 w.grad 的平方为 w.grad² = 3² = {}。", "9", "6", "slip"),
    ],
    "all_names_before_a_value_have_it": [
        ("u = 2\n\nc = d = u/4 = 0.5\n\ne = d + 1 = {} + 1 = 1.5", "0.5", "0.9", "slip"),
        ("c = d = 0.5\n\ne = 3*d = 3*{} = 1.5", "0.5", "0.6", "slip"),
    ],
    "brackets_of_a_calculation_behind_a_word_begin_it": [
        ("The output becomes 6 and the loss (6 - 1)^2 = {}.", "25", "26", "slip"),
        ("This gives the ratio (3 + 1)/2 = {}.", "2", "3", "slip"),
        ("Its error (3 - 1) * 0.5 = {} falls.", "1", "2", "slip"),
    ],
    "a_result_that_is_a_fraction_is_a_value": [
        ("$a = \\frac{{1}}{{1+e^0}} = \\frac12$\n\n$g = a + 1 = 0.5 + 1 = {}$",
         "1.5", "1.6", "slip"),
        ("a = 0.5*0.5 = 1/4\n\nb = 8*a = 8*0.25 = {}", "2", "3", "slip"),
        ("$d = 2 \\cdot (-\\frac14) = -\\frac12$\n\n$w = 4d = 4(-\\frac12) = {}$",
         "-2", "-3", "slip"),
        ("p = 1 - 1/3 = 2/3\n\nq = 3*p + 1 = 2 + 1 = {}", "3", "4", "slip"),
        ("$u = \\begin{{bmatrix}} 1 \\\\ 2 \\end{{bmatrix}} (-\\frac12)"
         " = \\begin{{bmatrix}} -1/2 \\\\ -1 \\end{{bmatrix}}$\n\n"
         "$v = 2u = \\begin{{bmatrix}} -1 \\\\ {} \\end{{bmatrix}}$", "-2", "-3", "slip"),
    ],
    "a_number_sign_behind_a_gradient_counts_its_contributions": [
        ("x = 2\n\ndloss/dw = dloss/dz1#2 * x = 0.5 * 2 = {}", "1.0", "1.3", "slip"),
        ("dloss/dw = dloss/dw#1 + dloss/dw#2 = 1 + 2 = {}", "3", "4", "slip"),
        ("`dloss/dW1#2[0, 1] = 2*3 = {}`", "6", "7", "slip"),
        ("dloss/dz1#2 is 0.5 here.\n\nx = 4\n\ng = dloss/dz1#2 * x = 0.5 * 4 = {}",
         "2", "3", "slip"),
        ("∂L/∂w = ∂L/∂w#1 + ∂L/∂w#2 = 0.5 + 0.25 = {}", "0.75", "0.85", "slip"),
    ],
    "a_sign_of_degrees_makes_an_angle": [
        ("cos(60°) = {}", "0.5", "0.6", "slip"),
        ("$\\cos 60^\\circ = {}$", "0.5", "0.6", "slip"),
        ("$\\sin(30^{{\\circ}}) = {}$", "0.5", "0.4", "slip"),
        ("b = 3 × cos(60°) = 3 × 0.5 = {}", "1.5", "1.9", "undecided"),
        ("投影为 4 × sin(90°) = {}", "4", "5", "undecided"),
    ],
    "a_name_with_an_index_before_brackets_apart_is_a_factor": [
        ("p_1 = 0.7\n\nJ = p_1 (1 - p_1) = 0.7*(1 - 0.7) = {}", "0.21", "0.24", "slip"),
    ],
    "chinese_words_that_count_change_nothing_of_a_figure": [
        ("12 个头 × 64 维 = {} 维", "768", "769", "undecided"),
        ("这样共有 89 × 40 = {} 维的特征向量", "3560", "3561", "slip"),
        ("参数量：3 层 × 20 个权重 = {} 个权重", "60", "61", "undecided"),
        ("共需 8 × 12 = **{} 次乘法**", "96", "97", "slip"),
    ],
    "a_bold_figure_alone_is_a_figure": [
        ("$Y = 0\\times1 + 0\\times0 = \\mathbf{{{}}}$", "0", "1", "undecided"),
        ("$t = 3 - 2 = \\mathbf{{{}}}$", "1", "0", "undecided"),
        ("$d = 1 - 0^2 = \\mathbf{{{}}}$", "1", "0", "undecided"),
        ("$\\tanh'(0) = 1 - 0^2 = \\mathbf{{{}}}$", "1", "0", "undecided"),
        ("$r = 0.5 \\cdot 0 = \\mathbf{{{}}}$", "0", "1", "undecided"),
    ],
    "each_sign_of_a_rounded_result_begins_a_side": [
        ("$-\\log_2(1/6) \\fallingdotseq {}$", "2.58", "2.68", "slip"),
        ("$1/7 \\fallingdotseq {}$", "0.143", "0.153", "slip"),
        ("$\\sqrt{{2}} \\thickapprox {}$", "1.414", "1.424", "slip"),
        ("$e^{{0.5}} \\fallingdotseq {}$", "1.65", "1.75", "slip"),
        ("값은 $2/3 \\fallingdotseq {}$", "0.667", "0.767", "slip"),
    ],
    "a_raised_star_marks_a_name": [
        ("$w^* = 3$\n\n$e = 5 - w^* = 5 - 3 = {}$", "2", "3", "slip"),
        ("$I^{{*}} = 4$\n\n$g = 2 (0.5 - I^{{*}}) = 2 (0.5 - 4) = {}$", "-7", "-8", "slip"),
        ("$y^{{\\ast}} = 1$\n\n$(0.8 - y^{{\\ast}})^2 = (0.8 - 1)^2 = {}$",
         "0.04", "0.05", "slip"),
        ("目标 $\\theta^\\star = 2$\n\n$g = 3(1 - \\theta^\\star) = 3(1 - 2) = {}$",
         "-3", "3", "slip"),
    ],
    "a_derivative_by_any_name_is_one_quantity": [
        ("$q = 4 + \\frac{{\\partial L}}{{\\partial \\mathbf{{b^y}}}} = 4 + 6 = {}$",
         "10", "11", "slip"),
        ("$b = 0.4$\n\n$\\frac{{\\partial L}}{{\\partial \\mathbf{{b^h}}}} = 0.3$\n\n"
         "$b - 2 \\frac{{\\partial L}}{{\\partial \\mathbf{{b^h}}}} = 0.4 - 2 \\cdot 0.3 = {}$",
         "-0.2", "0.2", "slip"),
    ],
    "decimals_that_are_worked_out_in_a_formula_are_compared": [
        ("$\\theta_{{t+1}} = \\theta_t - 0.1 \\times 0.5 = \\theta_t - {}$",
         "0.05", "0.06", "undecided"),
        ("y = x + 0.2*0.5 - 0.3*0.1 = x + {}", "0.07", "0.08", "undecided"),
        ("$w' = w - 0.5 \\cdot (-0.4) = w + {}$", "0.2", "0.3", "undecided"),
        ("新参数：θ' = θ - 0.01 × 2.5 = θ - {}", "0.025", "0.25", "undecided"),
    ],
    "brackets_of_another_value_than_the_figure_before_do_not_repeat_it": [
        ("$J = 2 (0.5 - 4) = {}$", "-7", "-8", "slip"),
        ("g = 4 + 2 (0.25 - 1) = {}", "2.5", "3.5", "slip"),
        ("$L = 0.5 (0.7 - 1)^2 = {}$", "0.045", "0.055", "slip"),
        ("p = 0.75 (3/4) = {}", "0.5625", "0.6625", "undecided"),
        ("损失为 d = 3 (0.2 - 0.5) = {}", "-0.9", "0.9", "slip"),
    ],
    "an_arrow_after_a_result_is_a_remark": [
        ("a = max(0, -0.3) + 2*1.02 = {}     <- non-linearity", "2.04", "2.05", "slip"),
        ("a = [2*1.02, 0] = [{}, 0]     <- non-linearity gated it", "2.04", "2.05", "slip"),
        ("h = (0.5, 2*0.3) = (0.5, {})  ← what the gate left", "0.6", "0.7", "slip"),
    ],
    "before_a_relation_a_chinese_and_ends_a_noun": [
        ("总和 = 1.5 + 2 = {}", "3.5", "4.5", "slip"),
        ("验证：每行求和 = 0.196 + 0.804 = {}", "1.0", "1.1", "slip"),
        ("平方和 ≈ 0.25 + 0.36 = {}", "0.61", "0.71", "slip"),
        ("四项之和 = 1 + 2 + 3 + 4.5 = {}", "10.5", "11.5", "slip"),
    ],
    "an_index_behind_a_power_belongs_to_the_name": [
        ("σ²_B = (4.5 + 6) / 2 = {}", "5.25", "5.35", "slip"),
        ("s²_1 = (4.5 + 6) / 2 = {}", "5.25", "5.35", "slip"),
        ("σ²_{{batch}} = (4.5 + 6) / 2 = {}", "5.25", "5.35", "slip"),
        ("σ_B = 1.5\n\nv = σ²_B + 1 = 2.25 + 1 = {}", "3.25", "3.35", "slip"),
        ("`h³_2 = 0.5*0.25 = {}`", "0.125", "0.225", "slip"),
    ],
    "a_derivation_marked_as_python_is_none": [
        ("```py\nn = (k - 1) × s + 2\n  = (2 - 1) × 2 + 2\n  = {}\n```", "4", "5", "slip"),
        ("```python\nz = w*x + b\n  = 0.5*2 + 0.1\n  = {}\n```", "1.1", "1.2", "slip"),
    ],
    "terms_that_are_left_out_may_have_either_sign": [
        (f"$x_1 = 1$, $x_2 = 2$, $x_4 = 4$.\n\n$$s = x_1 + x_2 + \\cdots + x_4 = 1 + 2 {sign} "
         "\\underbrace{{\\cdots}}_{{0.5}} + 4 = {}$$", right, wrong, "slip")
        for sign, right, wrong in (("-", "6.5", "6.7"), ("+", "7.5", "7.7"))
    ],
    "a_cell_goes_on_with_the_one_before": [
        ("| Step | Computation | Value |\n|---|---|---|\n| 1 | $z = 0.5 \\times 2$ | ${}$ |",
         "1.0", "1.5", "slip"),
        ("| Step | Computation | Value |\n|---|---|---|\n| 1 | $\\sigma(0.5) + 1$ "
         "| $\\approx {}$ |", "1.6225", "1.6525", "slip"),
        ("| quantity | figures |\n|---|---|\n| `p` | = 0.3 × 0.2 = {} |", "0.06", "0.6", "slip"),
        ("| weight | symbol | value |\n|---|---|---|\n| of x | w | 0.5 |\n\n"
         "y = 3 * w = {}", "1.5", "1.8", "slip"),
    ],
    "an_item_or_formula_that_begins_with_a_relation_goes_on": [
        ("- p = 0.25 * 6 + 1\n- = 1.5 + 1\n- = {}", "2.5", "2.7", "slip"),
        ("$p = 0.25 \\times 6$ $= {}$", "1.5", "1.7", "slip"),
    ],
    "an_upright_word_behind_the_last_figure_counts_it": [
        ("$2 \\times 25 = {} \\ \\text{{weights}}$", "50", "51", "undecided"),
        ("$\\text{{loss}} = 3$\n\n$x = 2\\text{{loss}} = {}$", "6", "5", "slip"),
    ],
    "items_that_all_begin_with_a_relation_are_answers": [
        ("- $= {}$\n- $= 3/5$", "3/5", "5/8", "undecided"),
        ("- $= {}$\n- $= 6/10$\n- $= 12/20 = 0.6$", "3/5", "5/8", "undecided"),
    ],
    "a_chain_may_stand_behind_a_sign_of_comparison": [
        ("P(Yes|X) ∝ 9/14 × 2/9 × 3/9 = {}", "0.0476", "0.0423", "slip"),
        ("The bound holds: b ≥ 3 · 2.5 = {}", "7.5", "8.5", "slip"),
        ("> 3 · 2.5 = {}", "7.5", "8.5", "slip"),  # quoted
    ],
    "the_update_of_an_array_may_be_shown_for_one_entry": [
        ("w = [0.5, 0.3]\n\nThe learning rate is 0.1, dL/dw = [2, 4].\n\nw := {} - 0.1*2 = 0.3",
         "0.5", "0.6", "slip"),
        ("b = [0.5]\n\nη = 0.1\n\n∂L/∂b = -0.96\n\nb := {} - 0.1*(-0.96) = 0.596",
         "0.5", "0.7", "slip"),
    ],
    "a_term_below_may_have_a_sign": [
        ("s = 1 + 0.5 +\n    -2 + 3\n  = {}", "2.5", "6.5", "slip"),
    ],
    "the_rest_of_what_is_not_read_is_no_side": [
        ("Output Size = [(Input Size - Kernel Size) / Stride] + 1\n  = [(5 - 3) / 2] + 1\n  = {}",
         "2", "3", "slip"),
    ],
    "a_formula_goes_on_in_the_next_where_an_operator_waits": [
        ("| a |\n|---|\n| $q = 0 + 0.5 \\times$<br>$(5 + 2) = {}$ |", "3.5", "7", "slip"),
        ("so $q = 0.5 +$\n$(5 + 2) = {}$", "7.5", "7", "slip"),
    ],
    "a_comment_says_what_the_code_beside_it_is_worth": [
        ("```python\np = 0.7\nt = 0.2\ne = p - t  # e = {}\n```", "0.5", "0.6", "undecided"),
        ("```cpp\nsetup(0.2f);\n// w = 1 - 0.2 = {}\nstep(w);\n```", "0.8", "0.9", "slip"),
    ],
    "figures_in_a_list_of_code_are_worked_out": [
        ("```python\nmiddles = [\n    (1 + 2)/2 = 1.5,\n    (2 + 3)/2 = {},\n]\n```",
         "2.5", "2.9", "slip"),
    ],
    "what_is_worked_out_below_a_blank_row_is_not_the_result_above_it": [
        ("The area\n\n= 0.5 * 2 + 1\n= 2\n\n= 3 * 4 + 1\n= {}", "13", "14", "slip"),
    ],
    "sigma_is_a_name_where_words_speak_of_another_function_and_nothing_shows_a_sigmoid": [
        ("The softmax of [1, 2]:\n\n$\\sigma(1) = \\frac{{2.718}}{{10.107}} \\approx {}$",
         "0.2689", "0.2989", "slip"),
        ("The standard deviation is σ.\n\nσ(A) = 12/5 = {}", "2.4", "2.6", "slip"),
        ("The last layer is a softmax.\n\nh = σ(0.5) = 0.6225\n\nk = σ(1) = {}", "0.7311",
         "0.7611", "slip"),
        ("标准差 σ(B) = sqrt(4 + 5) = {}", "3", "2", "slip"),
        ("A softmax.\n\nσ(z) = 1/(1 + e^(-z))\n\nk = σ(1) = {}", "0.7311", "0.7611", "slip"),
    ],
    "sigma_is_the_sigmoid_by_any_formula_for_it": [
        ("ReLU first, then a sigmoid:\n\nv = σ(0.5) = {}", "0.62", "0.5", "slip"),
        ("y = σ(0.8) = 0.69\n\nu = σ(1.2) = 0.77\n\nv = σ(0.5) = {}", "0.62", "0.5", "slip"),
        ("Hidden ReLU layers.\n\no = 0.5\n\ny = σ(o) = {}", "0.6225", "0.7225", "slip"),
        ("σ(x) = e^x/(1 + e^x)\n\na = σ(0.5) = {}", "0.6225", "0.6252", "slip"),
    ],
    "matrices_side_by_side_are_a_matrix_product": [
        ("A = [[1, 2], [3, 4]], B = [[0, 1], [5, 2]]\n\nC = A B = [[10, 5], [20, {}]]",
         "11", "12", "slip"),
    ],
    "a_sum_runs_over_all_members": [
        ("x_1 = 1, x_2 = 2, x_3 = 3\n\n$s = \\sum_i x_i = {}$", "6", "5", "slip"),
    ],
    "a_figure_is_read_as_its_writer_prints_it": [
        ("P = 400 / 1350 ≈ 29,{}%", "63", "83", "slip"),
        ("Q = 22 / 26 ≈ 84,{} %", "6", "9", "slip"),
        ("- s = 0,5 * 3 = 1,5\n- a = 100.000.000 + 136.111.111 = 236.{}.111", "111", "211", "slip"),
        ("- s = 0,5 * 3 = 1,5\n- e = √236.111.111 ≈ 15.{}", "366", "966", "undecided"),
        ("s = 0.5 * 3 = 1.5\n\nv = 0,5 − 0,025·(−27) = 1,{}", "175", "275", "undecided"),
        ("p = σ(0,95) = 0,{}", "721", "821", "slip"),
        ("L = -log(0,5) = 0,{}", "693", "793", "slip"),
        ("s = 0.5 * 3 = 1.5\n\nL = (3,525−6)² ≈ 6,{}", "1256", "2156", "undecided"),
        ("e = √(136.111.111 + 100.000.000) = √236.111.111 ≈ **$15.{}**", "366", "966", "undecided"),
        ("g = (103 - 100) × 10 = ${}", "30", "31", "slip"),
        ("n = 2 * 7 = **€{}**", "14", "15", "slip"),
        ("n = 151936 * 1024 = 148.{} M", "375", "835", "slip"),
        ("n = 2 * 1024 * 3 = {}K", "6.00", "6.40", "slip"),
        ("n = 294 M + 148.375 M = {} M", "442.375", "452.375", "slip"),
        ("n = 1.5M + 1.5M = {}M", "3.00", "2.86", "slip"),
    ],
    "whole_numbers_have_a_whole_product": [
        ("b) Parameter: 5·5·3·16 + 16 = 1.{}", "216", "316", "undecided"),
    ],
    "a_unit_that_no_scale_explains_is_no_excuse": [
        ("total 700 + 700 + 2800 + 1400 = {} MB", "5600", "5500", "slip"),
        ("states: 6.57e9 × 8 bytes = {} GB", "52.56", "26.28", "slip"),
        ("cache: 2 × 32 × 4096 × 2 B = {} B/token, or 512 KiB", "524288", "524388", "undecided"),
        ("speed: 1000/21.4 ≈ {} steps/s", "46.7", "49.7", "slip"),
        ("y = ln|−51| = {}", "3.932", "3.832", "slip"),
    ],
    "a_product_of_rows_beside_a_row_may_be_one_of_sizes": [
        ("[5, 7] @ [7, 2] = [5, {}]", "2", "7", "undecided"),
        ("(6, 9) × (9, 4) = ({}, 4)", "6", "9", "undecided"),
        ("(2, 8, 6) @ (6, 3) @ (3, 5) = (2, 8, {})", "5", "6", "undecided"),
        ("[2, 5] · [5, 3] = {}", "25", "26", "slip"),
        ("[2, 5] * [5, 3] = [10, {}]", "15", "16", "slip"),
    ],
    "braces_around_one_sign_only_set_it_closer": [
        ("$s = 2{{\\times}}4 {{+}} 1 = {}$", "9", "8", "slip"),
        ("$$\\begin{{aligned}}&2{{\\times}}3 \\\\\n+&4{{\\times}}(-1) \\\\\n"
         "=&\\; {}\\end{{aligned}}$$", "2", "3", "slip"),
    ],
    "a_chinese_scale_belongs_to_the_figure_and_not_to_the_word": [
        ("一共 200 * 300 * 50 = {} 万次加法。", "300", "301", "slip"),
        ("参数量 30000 × 20000 = {}亿个权重", "6", "7", "slip"),
    ],
    "an_empty_row_ends_no_chain": [
        ("$$\\begin{{align}}\nq &= p(3 - p) \\\\ \\\\\n&= 2(3 - 2) \\\\ \\\\\n&= {}\n"
         "\\end{{align}}$$", "2", "5", "slip"),
    ],
    "a_formula_of_words_with_indices_needs_no_dollar_signs": [
        ("score_{{top}} = \\frac{{1}}{{4}} + 0.5 = {}", "0.75", "0.85", "slip"),
        ("The rate:\n\n    Rate = \\frac{{3}}{{8}} = {}", "0.375", "0.475", "slip"),
    ],
    "a_label_in_quotes_is_no_side": [
        ('Share of "low" = 2 / 8 + 0.5 = {}', "0.75", "0.35", "slip"),
    ],
    "a_word_before_a_calculation_says_that_it_is_approximate": [
        ("大约 300 * 0.33 = {}", "99", "100", "undecided"),
        ("There are about 48 * 21 = {} weights.", "1008", "1000", "undecided"),
    ],
    "a_hyphen_joins_a_label_to_a_word": [
        ("F1-Score = 2 × (0.882 × 0.833) / (0.882 + 0.833) = 0.{}", "857", "877", "slip"),
        ("Top5-Accuracy = (40 + 8) / 60 = 0.{}", "8", "9", "slip"),
    ],
    "a_remark_in_any_alphabet_is_no_factor": [
        ("Entropy(S) = 3 * 0.5 ≈ 1.{} (tính toán)", "50", "70", "slip"),
    ],
    "what_several_names_are_said_to_be_is_given": [
        ("$W_f = W_i = 0.5$, $b_f = b_i = 0.1$\n\n"
         "$f_1 = \\sigma(0.5 \\times 1.0 + 0.1) = 0.64{}$", "57", "87", "slip"),
    ],
    "the_figures_of_a_row_are_what_heads_of_formulas_are_worked_with": [
        ("x = 3, y = 4\n\n| w | a = w x | L = (a - y)^2 |\n|---|---|---|\n| 1 | 3 | {} |", "1", "7",
         "undecided"),
        ("| k | w | L = (w - 3)^2 |\n|---|---|---|\n| 1 | 5 | 4 |\n| 2 | 4.5 | {} |", "2.25",
         "2.75", "slip"),
    ],
    "a_name_that_its_column_works_out_later_has_the_figure_of_the_row_above": [
        ("h_0 = 0\n\n| t | x | h = 0.5x + 0.8h |\n|---|---|---|\n| 1 | 1 | 0.5 |\n| 2 | 0 | {} |",
         "0.4", "0.32", "slip"),
        ("w = 4\n\n| k | g = 2w | w = w - 0.1 g |\n|---|---|---|\n| 1 | 8 | 3.2 |\n"
         "| 2 | 6.4 | {} |", "2.56", "1.92", "slip"),
        ("w = 2, v = 0\n\n| t | g = 0.8 w | v' = 0.9 v + g | w' = w - 0.1 v' |\n"
         "|---|---|---|---|\n| 1 | 1.6 | 1.6 | 1.84 |\n| 2 | 1.472 | 2.912 | {} |", "1.5488",
         "1.2576", "slip"),
        ("| k | g_t = 2 w_{{t-1}} | w_t = w_{{t-1}} - 0.1 g_t |\n|---|---|---|\n| 1 | 8 | 3.2 |\n"
         "| 2 | 6.4 | {} |", "2.56", "1.92", "slip"),
        ("| 步 | h = tanh(a) | a = 0.5 + 0.8h |\n|---|---|---|\n| 0 | 0 | 0.5 |\n"
         "| 1 | 0.4621 | {} |", "0.8697", "0.9697", "slip"),
        # No head says how w comes about: a row may end with the new one, or begin with its own.
        ("| k | g = 2w | w |\n|---|---|---|\n| 0 | – | 1 |\n| 1 | 2 | 0.8 |\n| 2 | {} | 0.64 |",
         "1.6", "1.4", "undecided"),
        ("| k | g = 2w | w |\n|---|---|---|\n| 0 | 2 | 1 |\n| 1 | {} | 0.8 |",
         "1.6", "1.4", "undecided"),
        # The first row may be the start itself.
        ("s = 1\n\n| x | s = 2s + x |\n|---|---|\n| 1 | {} |", "3", "1", "undecided"),
    ],
    "a_letter_behind_a_figure_counts_or_measures": [
        ("600M × $0.20 = ${}", "120", "130", "slip"),
        ("T = 0.31 * 1.2 = {} K", "0.372", "0.392", "slip"),
    ],
    "a_word_before_the_sign_is_a_label": [
        ("result = 3*2 + 1 = {}", "7", "8", "slip"),
        ("结果 = 3*2 + 1 = {}", "7", "8", "slip"),
        ("Target Price Ex-VAT = 120 / 1.2 = {}", "100", "110", "slip"),
        ("MRR@5 = (1 + 0.5) / 3 = {}", "0.5", "0.6", "slip"),
    ],
    "a_raised_figure_stands_before_an_index_in_a_formula": [
        ("x_1 = 3, y = 1\n\n$z = x^2_1 + y = {}$", "10", "9", "slip"),
    ],
    "a_fence_of_formulas_may_begin_with_an_empty_row": [
        ("```math\n\\\\\nw &= 2*3 \\\\\n&= {}\n```", "6", "7", "slip"),
    ],
    "a_code_of_money_is_no_factor": [
        ("KES 30 * 3 = KES {}", "90", "80", "slip"),
    ],
    "a_unit_before_a_fraction_is_a_factor": [
        ("$F = 3 \\text{{ pN}} \\frac{{1}}{{2}} = {}$ pN", "1.5", "2.5", "undecided"),
    ],
    "old_layout_switches_have_no_value": [
        ("$E = {{\\rm 2 \\cdot 3}} = {}$", "6", "7", "slip"),
    ],
    "a_wave_before_a_figure_says_about": [
        ("n = 25 / 3 ≈ ~8.{}", "3", "7", "slip"),
    ],
    "a_remark_behind_a_word_without_spaces_is_read": [
        ("衰减率（1 - 0.5³ = {}）", "0.875", "0.785", "slip"),
    ],
    "a_new_name_behind_a_result_begins_the_next_equation": [
        ("a1 = sigmoid(.24) = .5597 a2 = sigmoid(.02) = .{}", "505", "515",
         "undecided"),
    ],
    "a_letter_before_figures_in_brackets_is_a_function": [
        ("C(3,2) = 3² + 2² = {}", "13", "14", "slip"),
        ("The cost is C(w, b) = w² + b².\n\nd = C(3,2) - C(2,1) = 13 - 5 = {}", "8", "9", "slip"),
    ],
    "a_figure_behind_a_fraction_or_a_power_is_a_factor": [
        ("$v = \\log_{{10}} 0.01 = {}$", "-2", "-3", "slip"),
    ],
    "sizes_behind_an_array_are_a_remark": [
        ("W = [[0.5], [0.3]]   (2×1)\n\nx = [0.8, 0.2]\n\n"
         "z = x × W = [0.8, 0.2] × [[0.5], [0.3]] = {}", "0.46", "0.56", "slip"),
        ("z = [1, 2] (3 - 1)\n  = [2, {}]", "4", "5", "slip"),
    ],
    "words_before_a_formula_in_brackets_name_it": [
        ("w = 0.5, x = 2\n\n加权和 (w · x + 0.1) = 0.5 · 2 + 0.1 = {}", "1.1", "1.2", "slip"),
    ],
    "a_sum_goes_on_over_rows": [
        ("```\nx = 0.5 × [1, 2]\n  = 0.25 × [1, 1]\n  + 0.25 × [0, 1]\n  + 0.25 × [1, 2]\n"
         "  = [0.5, {}]\n```", "1.0", "1.2", "slip"),
    ],
    "a_condition_in_brackets_is_one_or_none": [
        ("relu'(z) = 1[z > 0], z = 2\n\ng = 3 * 1[2 > 0] = {}", "3", "4", "slip"),
    ],
    "a_unit_is_so_many_of_another": [
        ("Memory: 4 × 141.2 = 564.8 MB ≈ {}", "0.56 GB", "0.65 GB", "undecided"),
        ("Memory: 4 × 141.2 = 564.8 MB = {}", "0.5648 GB", "564.8 GB", "undecided"),
        ("12,582,912 bytes = {}", "12 MiB", "12.5 MiB", "undecided"),
        ("3 × 512 = 1536 KB = {}", "1.5 MB", "1.7 MB", "undecided"),
        ("2 × 1024 × 512² = 536,870,912 ≈ {}", "0.54 GFLOPs", "0.45 GFLOPs", "undecided"),
        ("t = 154.62/10,000 = 0.015462 s ≈ {}", "15.5 ms", "1.55 ms", "undecided"),
        ("d = 2 × 0.75 = 1.5 km = {}", "1500 m", "150 m", "undecided"),
        ("用时：90 × 2 = 180 秒 = {}", "3 分钟", "4 分钟", "undecided"),
        ("t = 3 × 20 ms = {}", "60 ms", "70 ms", "slip"),
        ("v = 5 cm * 2 = {}", "10 cm", "10 m", "undecided"),
        ("mass: 3 × 0.4 kg = {}", "1200 g", "1.2 g", "undecided"),
    ],
    "a_row_of_an_alignment_may_hold_two_equations": [
        ("\\begin{{align*}}\na &= 2 \\cdot 3 = 6 & b &\\approx \\ln 2 = 0.693 & c &= {}\n"
         "\\end{{align*}}", "6 \\cdot 2 = 12", "6 \\cdot 2 = 13", "slip"),
        ("$$\\begin{{aligned}} z &= 0.5 \\cdot 2 = 1 & \\dot y_1 &= {} \\end{{aligned}}$$",
         "3 \\cdot 2 = 6", "3 \\cdot 2 = 5", "slip"),
        ("$$\\begin{{aligned}} z &= 0.5 \\cdot 2 & + 3 &= {} \\end{{aligned}}$$", "4", "5", "slip"),
        ("$$\\begin{{eqnarray}} z &=& 0.5 \\cdot 2 = {} \\end{{eqnarray}}$$", "1", "2", "slip"),
        ("$y = 1, p = 0.5$\n\n$$\\begin{{aligned}} L &= -\\ln p & y &= 1 \\end{{aligned}}$$\n\n"
         "$L = -\\ln 0.5 = {}$", "0.6931", "0.6391", "slip"),
    ],
    "a_function_of_a_function_is_one_name": [
        ("D(x) = σ(0.9) = 0.7109\n\nD(G(z)) = σ(-0.15) = {}", "0.4626", "0.4662", "slip"),
        ("G(z) = 2·3 = 6\n\nD(G(z)) = 0.5·6 = 3\n\nu = 2 D(G(z)) = {}", "2·3 = 6", "2·6 = 12",
         "undecided"),
    ],
    "over_before_an_equation_is_a_word": [
        ("We go from a = 0.1 over T = 40 steps.\n\nc = 2 T = {}", "2·40 = 80", "2·4 = 8",
         "undecided"),
        ("p = 3 over 4 = {}", "0.75", "0.57", "slip"),
    ],
    "letters_side_by_side_in_a_function_are_a_product_where_all_are_known": [
        ("a = 0.5, b = 0.1, T = 40\n\ng(t) = b + ½(a − b)(1 + cos(πt/T))\n\ng(10) = {}",
         "0.1 + 0.5·0.4·(1 + 0.7071) = 0.4414", "0.1 + 0.4·(1 + 0.7071) = 0.7828", "slip"),
        ("c = 2, k = 0.5\n\nf(t) = c·e^(−kt)\n\nf(4) = {}", "2·e^(-2) = 0.2707",
         "2·e^(-4) = 0.0366", "slip"),
        ("c = 2, kt = 0.5\n\nf(t) = c·t·e^(−kt)\n\nf(4) = {}", "2·4·e^(-0.5) = 4.8522",
         "2·4·e^(-2) = 1.0827", "slip"),
    ],
    "an_arrow_behind_a_function_of_figures_says_what_it_gives": [
        ("softmax([2, 1]) → {}", "[0.731, 0.269]", "[0.741, 0.259]", "slip"),
        ("sigmoid(2) → {}", "0.88", "0.95", "slip"),
        ("$\\text{{ReLU}}(0.3) \\to {}$", "0.3", "0.4", "slip"),
    ],
    "what_divides_a_sure_unit_is_one": [
        ("rate = 8 / 5 = {} bits/symbol", "1.6", "1.8", "slip"),
    ],
    "a_term_of_a_sum_lacks_a_factor_whatever_the_others_are": [
        (ANNEALED, "0.1 + 0.5·0.4·(1 + 0.7071) = 0.4414", "0.1 + 0.4·(1 + 0.7071) = 0.7828",
         "slip"),
        (ANNEALED, "0.1 + 0.2·1.7071 = 0.4414", "0.1 + 0.4·1.7071 = 0.7828", "slip"),
        (ANNEALED, "0.1 + 0.5·0.4·(1 + 0.7071) = 0.4414", "0.2 + 0.5·0.4·(1 + 0.7071) = 0.5414",
         "undecided"),
    ],
    "a_dot_makes_another_name": [
        ("$\\dot x_1 = 2, a = 3$\n\n$$\\dot y_1 = a \\dot x_1 = {}$$", "3 \\cdot 2 = 6",
         "3 \\cdot 4 = 12", "slip"),
        ("ẋ = 2, x = 5, a = 3\n\nẏ = a ẋ = {}", "3·2 = 6", "3·5 = 15", "slip"),
    ],
    "a_delta_makes_another_name_where_it_is_no_name_itself": [
        ("$\\delta h_5 = [1, 2]$, $h_5 = [0.5, 0]$\n\n"
         "$\\delta z_5 = \\delta h_5 \\odot (1 - h_5^2) = {}$",
         "[0.75, 2 \\cdot 1] = [0.75, 2]", "[0.75, 2 \\cdot 1] = [0.75, 3]", "slip"),
        ("$\\delta z = 0.5$, $x = 2$\n\n$\\delta W = \\delta z \\, x = {}$",
         "0.5 \\cdot 2 = 1", "0.5 \\cdot 3 = 1.5", "slip"),
        ("δ z = 0.5, x = 2\n\nδ w = δ z * x = {}", "0.5 * 2 = 1", "0.5 * 3 = 1.5", "slip"),
        ("$\\delta \\hat{{y}} = 0.5$，$x = 2$\n\n$\\delta w = \\delta \\hat{{y}} \\cdot x = {}$",
         "0.5 \\cdot 2 = 1", "0.5 \\cdot 3 = 1.5", "slip"),
        ("$\\delta = 0.5$, $x = 2$\n\n$\\delta x = {}$",
         "0.5 \\cdot 2 = 1", "0.5 \\cdot 3 = 1.5", "slip"),
        ("| δ | 0.5 |\n|---|---|\n| x | 2 |\n\nx = 2\n\nδ x = {}", "0.5 * 2 = 1", "0.5 * 3 = 1.5",
         "undecided"),
        ("$\\delta = 0.5$, $x = 2$\n\n$g = \\delta x = {}$",
         "0.5 \\cdot 2 = 1", "0.4 \\cdot 2 = 0.8", "slip"),
    ],
    "an_index_may_be_any_figure": [
        *(
            (f"{name} = {{}}", "2 * 3 = 6", "2 * 3 = 7", "slip")
            for name in ("F_0.5", "- F0.5", "q_-0.7", "q_-1", "t_0.975", "Qwen2.5-7B", "the F0.5")
        ),
        *(
            (f"${name} = {{}}$", "2 \\cdot 3 = 6", "2 \\cdot 3 = 7", "slip")
            for name in ("F_0.5", "q_-0.7", "q_-1", "F_{{0.5}}", "q_{{-0.7}}", "F_{{0.5}}^2")
        ),
        ("t_0.975 = 2, s = 3\n\nd = t_0.975 * s = {}", "2 * 3 = 6", "4 * 3 = 12", "slip"),
        ("$t_0.975 = 2$, $s = 3$\n\n$d = t_0.975 s = {}$", "2 * 3 = 6", "4 * 3 = 12", "slip"),
        ("$t_{{0.9}} = 2$, $s = 3$\n\n$d = t_{{0.9}} s = {}$", "2 * 3 = 6", "4 * 3 = 12", "slip"),
        ("log2.5 = {}", "0.916", "0.7", "slip"),
        ("y = 2x0.5 = {}", "1", "2", "slip"),
    ],
    "brackets_behind_a_name_tell_what_it_is": [
        *(
            (f"{name} = {{}}", "(1 + 4) / 2 = 2.5", "(1 + 4) / 2 = 3", "slip")
            for name in ("Loss (MSE)", "Total (with bias)", "Mean (x)", "Slope (m)",
                         "- **Mean (x)**", "**Loss** (MSE)", "Learning rate (lr)", "F1 (macro)",
                         "准确率 (acc)", "z (pre-activation)", "准确率（acc）", "loss (we use MSE)",
                         "Gain (dB)")
        ),
        *(
            (f"{name} = {{}}", "45 / 60 = 0.75", "45 / 60 = 75", "undecided")
            for name in ("Accuracy (%)", "Accuracy %", "Accuracy(%)", "准确率（%）",
                         "准确率 (百分比)", "Accuracy (in percent)", "time (ms)", "time(ms)",
                         "Share (percentage)", "Cost (thousands)")
        ),
        ("Precision (A) = 3/4 = 0.75\n\nPrecision (B) = 3/5 = 0.6\n\nF1 (A) = {}",
         "2 * 0.75 * 0.5 / (0.75 + 0.5) = 0.6", "2 * 0.75 * 0.5 / (0.75 + 0.5) = 0.7", "slip"),
        ("a = 2, b = 3\n\na (b) = {}", "2 * 3 = 6", "2 * 3 = 7", "slip"),
    ],
    "a_dash_behind_a_figure_may_be_a_minus": [
        ("10 — {}", "3 * 2 = 6", "3 * 2 = 4", "undecided"),
        ("z = 10 — {}", "3 * 2 = 6", "3 * 2 = 4", "undecided"),
        ("Step 1 — {}", "3 * 2 = 6", "3 * 2 = 4", "slip"),
        ("**The sum** — {}", "3 * 2 = 6", "3 * 2 = 4", "slip"),
    ],
    "a_calculation_behind_one_is_another": [
        (f"```python\nn = {code}  # {{}}\n```", *lines, "slip")
        for code, *lines in [
            ("3 * 16", "3*16*9 = 432", "3*16*9 = 433"),
            ("3 * 16", "3*16 + 16 = 64", "3*16 + 16 = 60"),
            ("3 * 16", "3*16 = 48", "3*16 = 47"),
            ("3e2 * 16", "3*16 = 48", "3*16 = 47"),
            ("w * x", "3*16 = 48", "3*16 = 47"),
        ]
    ],
    "what_only_sets_a_formula_changes_nothing": [
        ("$$\\begin{{split}} z ={{}}& {} \\end{{split}}$$", "2 \\cdot 3 \\\\ & + 1 = 7",
         "2 \\cdot 3 + 1 = 8", "slip"),
        ("$$\\begin{{aligned}} z ={{}}& 2 \\cdot 3 \\\\ ={{}}& {} \\end{{aligned}}$$", "6", "7",
         "slip"),
        ("$$\\begin{{aligned}}[t] z &= 2 \\cdot 3 \\\\ &= {} \\end{{aligned}}$$", "6", "7", "slip"),
        ("$2 \\cdot \\num{{1e3}} = {}$", "\\num{{2000}}", "2100", "slip"),
        ("$2 \\cdot \\SI{{5}}{{\\meter}} = \\SI{{{}}}{{\\meter}}$", "10", "11", "slip"),
        ("$2 \\cdot \\SI{{5}}{{\\meter}} = \\SI{{{}}}{{\\centi\\meter}}$", "1000", "1100",
         "slip"),
        ("$\\SI{{5}}{{m}} / 2 = \\SI{{{}}}{{\\meter}}$", "2.5", "2.6", "slip"),
        ("\\newcommand{{\\num}}[1]{{N_{{#1}}}}\n\n$\\num{{2}} = {}$", "2 \\cdot 3 = 6",
         "2 \\cdot 3 = 7", "slip"),
        ("$3 \\times \\$5 = \\${}$", "15", "16", "slip"),
        ("It costs $3 \\times \\$5 = \\$15$ or \\$6, so $2 \\cdot 3 = {}$", "6", "7", "slip"),
        ("$$3 \\times \\$5 = \\${}$$", "15", "16", "slip"),
    ],
    "a_word_for_later_before_an_update_says_what_the_update_says": [
        (f"x = 3\n\ng = 2x = 6\n\n{word}x = x - 0.1·g = {{}}", "2.4", "2.5", "slip")
        for word in ("new ", "updated ", "next ", "新的 ", "更新后的 ", "更新后 ")
    ],
    "the_name_of_a_column_is_whole": [
        ("| k | x | f'(x) = 2x | new x = x − 0.1·f'(x) |\n|---|---|---|---|\n| 0 | 3 | 6 | {} |",
         "2.4", "2.5", "slip"),
        ("| k | x | f'(x) = 2x | 新的 x = x − 0.1·f'(x) |\n|---|---|---|---|\n| 0 | 3 | 6 | {} |",
         "2.4", "2.5", "slip"),
        ("| k | x | g = 2x | 更新后的 x = x − 0.1·g |\n|---|---|---|---|\n| 0 | 3 | 6 | {} |",
         "2.4", "2.5", "slip"),
    ],
    "several_numbers_in_the_brackets_of_a_function_are_a_list": [
        ("b = sigmoid(0.5, 0.3) = {}", "(0.6225, 0.5744)", "(0.6225, 0.5844)", "slip"),
        ("$h=\\tanh(0.5,\\,0.3)={}$", "(0.4621,\\,0.2913)", "(0.4621,\\,0.2813)", "slip"),
        ("c = relu(-1, 2) = {}", "(0, 2)", "(0, 3)", "slip"),
    ],
    "an_index_in_braces_belongs_to_the_name_before_it": [
        ("$\\delta_2 = 0.4$\n\n$a = \\delta{{_2}} \\cdot 3 = {}$", "1.2", "1.3", "undecided"),
        ("$\\delta_2 = 0.4$\n\n$a = \\delta{{_2}} \\cdot 3 = {}$", "0.4 \\cdot 3 = 1.2",
         "0.5 \\cdot 3 = 1.5", "slip"),
    ],
    "where_a_1_above_a_name_counts_so_does_a_2": [
        ("$z^1 = W^1 x + b^1 = {}$", "2\\cdot 3 + 1 = 7", "2\\cdot 3 + 1 = 8", "slip"),
        ("$z = w_{{11}}^{{1}} i_1 + w_{{21}}^{{1}} i_2 = {}$", "0.3*0.5 + 0.2*0.1 = 0.17",
         "0.3*0.5 + 0.2*0.1 = 0.16", "slip"),
        ("$a^1 = W^1 x + b^1 = 2\\cdot 3 + 1 = 7$\n\n$z^2 = W^2 a^1 + b^2 = {}$",
         "0.5\\cdot 7 + 2 = 5.5", "0.5\\cdot 7 + 2 = 5", "slip"),
        ("$x = 3$\n\n$y = x^2 + 1 = {}$", "3^2 + 1 = 10", "3 + 1 = 4", "slip"),
    ],
    "a_full_stop_ends_a_sentence_behind_brackets_too": [
        ("g = 2(w − 1)。w₀ = 3，η = 0.1。\n\ng = 2 × (3 − 1) = 4\n\nw = {}",
         "3 − 0.1 × 4 = 2.6", "3 − 0.1 × 4 = 2.5", "slip"),
    ],
    "what_was_given_before_is_given_again": [
        ("z = 2x + h\n\nh = 0.5, x = 1, then x = -1\n\nstep one, x = 1\n\nz = {}",
         "2 + 0.5 = 2.5", "2 + 0.5 = 2.6", "slip"),
    ],
    "formulas_in_decimals_hold_for_any_value_of_a_name": [
        ("β = 0.9\n\nm = (1 - β) g = {}", "0.1 g", "0.2 g", "undecided"),
        ("$m_2 = 0.9 (0.1 g_1) + 0.1 g_2 = {}$", "0.09 g_1 + 0.1 g_2", "0.9 g_1 + 0.1 g_2",
         "undecided"),
    ],
    "a_sum_apart_from_what_it_adds_is_a_sign": [
        ("m = 4, x = [3, 5, 8, 12]\n\nmu = (1/m) * sum x\n\nv = (1/m) * sum (x - mu)^2\n\n"
         "mu = 28/4 = 7\n\nv = {}", "46/4 = 11.5", "46/3 = 15.333", "slip"),
        ("x = [1, 2], y = [3, 4]\n\ns = sum x*y\n\ns = {}", "3 + 8 = 11", "3 + 4 = 7", "slip"),
        ("s = sum(1, 2) * 3 = {}", "9", "7", "undecided"),
    ],
    "a_small_array_slides_over_a_larger_one": [
        *(
            (f"I = [[1, 2, 0], [3, 1, 2], [0, 1, 4]], K = [[1, 0], [-1, 2]]\n\nY = {it} = {{}}",
             "[[0, 5], [5, 8]]", "[[0, 5], [5, 7]]", "slip")
            for it in ("conv(I, K)", "conv2d(I, K)", "convolve(I, K)")
        ),
        # Turned round first, as in signal processing.
        ("x = [1, 2, 4], k = [1, 3]\n\ny = conv(x, k) = {}", "[5, 10]", "[5, 11]", "slip"),
        ("x = [1, 2, 4], k = [1, 3]\n\ny = conv(x, k) = {}", "[7, 14]", "[7, 13]", "slip"),
    ],
    "a_figure_below_a_formula_without_a_name_is_told_by_the_rows_above": [
        ("| e = y - 3 | y | e^2 |\n|---|---|---|\n| 1 | 4 | 1 |\n| 2 | 5 | 4 |\n| 3 | 6 | {} |\n"
         "| 4 | 7 | 16 |\n\nThe end: 1 + 1 = 2", "9", "8", "correct"),
    ],
    "names_may_number_their_steps": [
        ("β = 0.9\n\n**Step 1**\n\nm_1 = 0.1·4 = 0.4\n\nn_1 = m_1/(1 - β) = 0.4/(1 - 0.9) = 4\n\n"
         "**Step 2**\n\nm_2 = 0.9·0.4 + 0.1·2 = 0.56\n\nn_2 = m_2/(1 - β^2) = {}",
         "0.56/(1 - 0.81) = 2.947", "0.56/(1 - 0.9) = 5.6", "slip"),
    ],
    "what_makes_h_next_of_h_is_its_formula": [
        ("h' = (1 − z)·h + z·n\n\nz = 0.4, n = 0.5, h = 0.2\n\nh = {}",
         "(1 − 0.4)·0.2 + 0.4·0.5 = 0.32", "(1 − 0.4)·0.5 + 0.4·0.2 = 0.38", "slip"),
    ],
    "figures_may_show_the_formula_of_a_name": [
        ("dL/dw = 2*(w - 4)\n\nw = 0, lr = 0.1\n\ng = 2*(0 - 4) = -8\n\nw = 0 - 0.1*(-8) = 0.8\n\n"
         "g = 2*(0.8 - 4) = -6.4\n\nw = 0.8 - 0.1*(-6.4) = 1.44\n\ng = {}",
         "2*(1.44 - 4) = -5.12", "2*(0.8 - 4) = -6.4", "slip"),
    ],
    "a_function_may_be_of_what_has_a_name_of_its_own": [
        ("input(h1) = 0.1 + 0.2775 = 0.3775\n\n"
         "output(h1) = f(input(h1)) = 1 / (1 + e^(-input(h1))) = {}",
         "1 / (1 + e^-0.3775) = 0.593269992", "1 / (1 + e^-0.3775) = 0.593369992", "slip"),
    ],
    "one_digit_beside_fine_figures_is_given": [
        ("$\\frac{{\\partial E}}{{\\partial w}} = \\frac{{\\partial E}}{{\\partial h}} \\cdot "
         "\\frac{{\\partial h}}{{\\partial n}} \\cdot \\frac{{\\partial n}}{{\\partial w}} = "
         "0.036350306 * 0.241300709 * 0.05 = {}$", "0.000438568", "0.000433568", "slip"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "right", "wrong", "verdict"),
    [
        pytest.param(*row, id=f"{name}-{n}")
        for name, rows in LINES.items()
        for n, row in enumerate(rows)
    ],
)
def test_a_line_holds_as_it_is_meant(text: str, right: str, wrong: str, verdict: str) -> None:
    """The last line is right; with another figure it is a slip, or open with a doubt."""
    assert verdicts(text.format(right))[-1] == "correct"
    assert verdicts(text.format(wrong))[-1] == verdict


@pytest.mark.parametrize(
    "text",
    [
        "v0 = 1, v1 = 2, v2 = 3\n\ns = v·v = 13",
        "x1 = 1, x2 = 2, x4 = 5\n\nu = 2*x = [2, 4]",
        "L = (p - y)^2 + λ w^2, p = 0.8, y = 1, λ = 0.1, w = 2.\n\n"
        "Without the penalty, L = (0.8 - 1)^2 = 0.04.",
        "$\\sin x^2 = 0.5$ at first.\n\nNow $x = 2$.\n\n$b = \\sin x^2 + 1 = 0.2432$",
        "f(x) = x^2\n\nf'(x) = 2x\n\nf(x) = x^3\n\nf''(x) = 6x",
        "Output size = 109/2 + 1 = 54.5 + 1 = 55",
        "λ = 0.1, a = 2, b = 3\n\nR = λ/2 * (a + b) = 0.1*(2 + 3) = 0.5",
        "$2 + 3 \\stackrel{?}{=} 6$",
        "Is $17 \\cdot 3 = 52$? No.",
        "batches: 1000 / 32 = 31 (drop last)",
        "整数除法：7 / 2 = 3",
    ],
)
def test_what_may_be_meant_otherwise_is_open(text: str) -> None:
    """A vector from 0, what words leave out, a later value, a size cut off, a question."""
    assert verdicts(text)[-1] == "undecided"


@pytest.mark.parametrize(
    "line",
    [
        "m = 1/n · Σ (y_i - p_i)² = ((1 - 1.5)² + (2 - 2.5)² + (4 - 3)²)/{} = {}",
        "$m = \\frac{{1}}{{N}} \\sum_i l_i = \\frac{{1}}{{{}}}(0.25 + 0.25 + 1) = {}$",
        "m = (a + b + c)/n = (0.25 + 0.25 + 1)/{} = {}",
    ],
)
def test_an_unknown_n_is_the_number_of_the_terms_of_its_sum(line: str) -> None:
    """Or 1, of one sample; of another number nobody knows that it is right."""
    assert verdicts(line.format(3, 0.5)) == ["correct"]
    assert verdicts(line.format(1, 1.5)) == ["correct"]
    assert verdicts(line.format(2, 0.75)) == ["undecided"]


@pytest.mark.parametrize("power", ["Q^2_{12}", "Q_{12}^2", "(Q_{12})^2"])
def test_an_entry_of_a_square_may_be_the_square_of_an_entry(power: str) -> None:
    """The working says which it is, and alone the square of the entry is what is written."""
    given = "$Q = \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$\n\n"
    assert verdicts(f"{given}${power} = 1 \\cdot 2 + 2 \\cdot 4 = 10$") == ["undecided"]
    assert verdicts(f"{given}${power} = 1 \\cdot 2 + 2 \\cdot 4 = 11$") == ["slip"]
    assert verdicts(f"{given}${power} = 10$") == ["undecided"]
    assert verdicts(f"{given}${power} = 2^2 = 4$") == ["correct"]
    assert verdicts(f"{given}${power} = 2^2 = 5$") == ["slip"]


@pytest.mark.parametrize(
    "text",
    [
        "σ is the sigmoid.\n\na = σ(0.5) = 0.5\n\nb = σ(0.3) = 0.3",
        "$\\sigma(0.5) = 0.5$\n\n$\\sigma(1.5) = 1.5$",
    ],
)
def test_figures_alone_make_no_other_function_of_sigma(text: str) -> None:
    """Two forgotten sigmoids are two slips, and no ReLU."""
    assert verdicts(text) == ["slip", "slip"]


@pytest.mark.parametrize(
    "text",
    [
        "$a = 3 {1 \\over 2} = 3.5$",
        "3 x 5 @ 5 x 3 = 46",
        "x_0 = 1, x_1 = 2, x_2 = 3\n\n$s = \\sum_i x_i = 6$",
        "x = [1, 2, 3, 4], n = 4\n\n$s = \\sum_{i=1}^{n-1} x_i = 9$",
        "x = [1, 2, 3]\n\n$s = \\sum_{i=1}^{n-1} x_i = 1 + 2 = 3$",
        "x = 7\n\n$u = \\begin{cases} 1 & x > 5 \\\\ x & \\text{in tests} \\end{cases} = 7$",
        "20% = 20M",
        "Class 2 0x76 = 118",
        "$x = [1, 2, 3]$\n\n$s = \\sum_{i<3} x_i = 3$",
        "$x = [1, 2, 3]$\n\n$s = \\sum_{i \\in \\{1, 3\\}} x_i = 4$",
    ],
)
def test_what_a_sign_leaves_open_is_no_slip(text: str) -> None:
    """A number before a fraction, members that count from 0, figures that are no decimal ones."""
    assert not {"slip", "correct"} & {*verdicts(text)}


def test_a_wrong_figure_of_a_row_is_one_slip() -> None:
    """What follows was worked out of it, or of what its formula gives."""
    row = "| x | y | p = 1.5x + 0.5 | d = p - y |\n|---|---|---|---|\n| 3 | 6.2 | 5.5 | {} |"
    assert verdicts(row.format("-1.2")) == ["slip", "carried_forward"]
    assert verdicts(row.format("-0.7")) == ["slip", "carried_forward"]
    assert verdicts(row.format("0.7").replace("5.5", "5.0")) == ["correct", "slip"]


def test_an_arrow_between_sizes_or_a_row_of_equals_signs_is_no_relation() -> None:
    """Nobody says that they are equal."""
    text = "n = 28*28 → 14*14\n\nThe width is m = 6*4 = 24 → 3*4 = 12."
    assert verdicts(text) == ["correct", "correct"]
    text = "```\nw=0.5, b=0.3\n\n=== Forward Pass ===\nu = 0.3 * 2 = 0.6\n```"
    assert verdicts(text) == ["correct"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("σ(-2) = max(0, -2) = 0", "undecided"),
        ("$\\sigma(0) = \\tanh(0) = 0$", "undecided"),
        ("σ(0) = 1/(1 + e^0) = 0.4", "slip"),
        ("sigmoid(2) = max(0, 2) = 2", "slip"),
    ],
)
def test_what_a_sigma_is_worked_out_by_says_which_activation_it_is(line: str, verdict: str) -> None:
    """One sign stands for each activation in turn; a name does not."""
    assert verdicts(f"A sigmoid is one activation.\n\n{line}") == [verdict]


def test_rows_between_dollar_signs_of_their_own_stay_together() -> None:
    """Without those signs beside it a row of LaTeX would be a formula that has lost them."""
    text = (
        "??? note\n    It is:\n\n    $$\n    u = \\frac{1}{2}\n    $$\n\n    where $\\sqrt{2} "
        "\\approx 1.414$, so:\n\n    $$\n    \\frac{u}{2} = 0.25\n    $$\n\n    The rest is plain."
    )
    assert verdicts(text) == ["correct", "correct"]


def test_a_slip_is_carried_on_by_another_name() -> None:
    """σ(z) was worked out for a, so its wrong figure in σ′(z) is no second slip."""
    given = "z = 0.6572, a = σ(0.6572) = 0.6588\n\nσ'(z) = σ(z)(1 - σ(z))\n\n"
    assert verdicts(given + "σ'(z) = 0.6588 * 0.3412 = 0.2248") == ["slip", "carried_forward"]


def test_an_exponent_is_no_result_of_a_slip() -> None:
    """The 2 of a square is not the wrong 2 of the line above, which should be 3."""
    assert verdicts("$f = 10 - 7 = 2$\n\n$E = (1-0.5)^2 = 0.125$") == ["slip", "slip"]


@pytest.mark.parametrize(
    "line",
    [
        "σ(5) → 1 (saturated)", "$\\tanh(2) \\to 1$", "relu(0.3) → 1", "exp(2) → 7",
        "784 → relu(128) → relu(64) → 10", "σ(0) → 0.7 after the update",
        "quantized: tanh(0.3) → 0.25",
    ],
)  # fmt: skip
def test_an_arrow_may_lead_to_a_limit_a_class_or_another_time(line: str) -> None:
    """Only figures with decimals, without a word beside them, are what a function gives."""
    assert "slip" not in verdicts(line)


def test_e_raised_to_a_number_may_be_the_name_of_an_error() -> None:
    """The error of sample 1 is written as a power of Euler's number is."""
    assert verdicts("$e^1 = 0.3 - 0.1 = 0.2$") == ["undecided"]
    assert verdicts("$e^{1.5} = 2 + 1 = 3$") == ["slip"]
    assert verdicts("L = ½e^2 = ½·0.2^2 = 0.02") == ["undecided"]
    assert verdicts("L = ½e^2 = ½·0.2^3 = 0.004") == ["slip"]


@pytest.mark.parametrize("line", ["φ = e⁻ˣ²/2 = e⁻² = 0.135", "vˣ = 10·0.6 = 6", "2³·² = 2⁶ = 64"])
def test_raised_signs_that_may_be_labels_or_powers_of_powers_refute_nothing(line: str) -> None:
    """Nobody knows what the 2 above an exponent is of."""
    assert "slip" not in verdicts(f"x = 2, v = 10\n\n{line}")


def test_a_figure_in_a_function_may_be_rounded_before_a_product_too() -> None:
    """0.556 is 5/9, whose logarithm is -0.5878; that of 0.556 itself is -0.5870."""
    line = "$0.5 \\cdot \\ln(0.556) = 0.5 \\cdot ({}) = {}$"
    assert verdicts(line.format("-0.5878", "-0.2939")) == ["undecided"]
    assert verdicts(line.format("-0.6878", "-0.3439")) == ["slip"]


def test_a_name_with_another_value_does_not_say_what_is_counted() -> None:
    """The line may leave out the sign of a product: 2 · 0.9 · 3 is not 6."""
    assert verdicts("momentum = 0.9\n\nz = 2 momentum * 3 = 6")[-1] == "undecided"
    assert verdicts("epochs = 10\n\n10 epochs × 20 batches = 200")[-1] == "correct"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("198×51 ≈ 200×50 = 10000", "undecided"),
        ("198×51 ≈ 200×60 = 12000", "slip"),
        ("2.14 * 3.4 ≈ 2.1 * 3 = 6.3", "undecided"),
        ("2.14 * 3.4 ≈ 2.1 + 3 = 5.1", "slip"),
        ("198×51 = 200×50 = 10000", "slip"),
        ("49·51 ≈ 50² = 2500", "undecided"),
        ("603/29 ≈ 600/30 = 20", "undecided"),
        ("sqrt(50) ≈ sqrt(49) = 7", "undecided"),
        ("e^{0.5} ≈ 1 + 0.5 = 1.5", "undecided"),
        ("2^{30} ≈ (10^3)^3 = 10^9", "undecided"),
        ("e^{0.5} ≈ 1 + 0.05 = 1.05", "slip"),
        ("0.45*0.593 + 0.5*0.6 ≈ 0.45*0.583 + 0.5*0.6 = 0.562", "slip"),
    ],
)
def test_an_estimate_rounds_all_figures_of_a_calculation(line: str, verdict: str) -> None:
    """It is about what it is made for, and near where it is another calculation."""
    assert verdicts(line) == [verdict]


def test_names_that_all_had_another_value_are_given_one_anew() -> None:
    """A name without a value has that of the one behind it."""
    assert verdicts("x = 2, y = 2\n\nx = y = 3") == ["undecided"]
    assert verdicts("x = 2\n\na_0 = x = 3") == ["slip"]


ARROWS = """w ← 0.5 - 0.1 × 3
  ← 0.5 - 0.3
  ← {}"""


def test_rows_that_begin_with_an_arrow_go_on_with_an_assignment() -> None:
    """Each of them may also be the next one of several: none is wrong."""
    assert verdicts(ARROWS.format("0.2")) == ["correct"]
    assert verdicts(ARROWS.format("+0.2")) == ["correct"]
    assert verdicts(ARROWS.format("0.4")) == ["undecided"]
    assert verdicts("s ← 0 + 3\n  ← 3 + 4\n  ← 7") == ["undecided"]


@pytest.mark.parametrize("remark", ["0.5", "0.3 less than before", "60% smaller", "0.2 变小"])
def test_what_stands_behind_an_arrow_on_its_line_is_a_remark(remark: str) -> None:
    """Also where a figure stands alone there."""
    assert verdicts(f"w ← 0.5 - 0.1×3 = 0.2 ← {remark}") == ["correct"]


def test_brackets_behind_an_index_of_a_name_are_a_place() -> None:
    """They are none behind a figure; places count from 1 where the last one of two is 2."""
    assert verdicts("$z_1[0] = 0.1 \\cdot 1 + 0.5 = 0.6$") == ["correct"]
    given = "$z_1 = [0.7, 1.0]$\n\n$a[1] = 2 z_1[1] = {}$\n\n$a[2] = 2 z_1[2] = {}$"
    assert verdicts(given.format("1.4", "2.0")) == ["correct", "correct"]
    assert verdicts(given.format("1.4", "1.4"))[1] == "slip"


def test_a_colon_that_may_divide_proves_nothing() -> None:
    """What stands before it may be the whole side or a part of a quotient."""
    assert verdicts("σ(0) = 1 : (1 + 1) = 0.5") == ["undecided", "undecided"]
    assert verdicts("σ(0) = 1: (1 + 1) = 2")[0] == "slip"
